"""Reading single values out of a peer's dataset: what is absent, empty or unreadable becomes a MessageError."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from worklist.mpps.statuses import INVALID_VALUE, MISSING_ATTRIBUTE, MISSING_VALUE, MppsStatus

UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
OFFSET: Final = re.compile(r"([+-])(\d{2})(\d{2})")


class MessageError(ValueError):
    """A message that cannot be accepted: the status to answer with and the attribute at fault, never a value."""

    def __init__(self, status: MppsStatus, keyword: str = "") -> None:
        super().__init__(f"{status.meaning}: {keyword}" if keyword else status.meaning)
        self.status = status
        self.keyword = keyword


def text(dataset: Dataset, keyword: str) -> str:
    """The first value as trimmed text, "" when absent or empty."""
    value: Any = _value(dataset, keyword)
    if isinstance(value, Sequence):
        raise MessageError(INVALID_VALUE, keyword)
    if not isinstance(value, str | bytes) and hasattr(value, "__getitem__") and hasattr(value, "__len__"):
        value = value[0] if len(value) else ""
    return "" if value is None else str(value).strip(" \0")


def required(dataset: Dataset, keyword: str) -> str:
    """The value of a type 1 attribute."""
    if keyword not in dataset:
        raise MessageError(MISSING_ATTRIBUTE, keyword)
    found = text(dataset, keyword)
    if not found:
        raise MessageError(MISSING_VALUE, keyword)
    return found


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence, [] when absent or empty."""
    value: Any = _value(dataset, keyword)
    if value is None:
        return []
    if not isinstance(value, Sequence):
        raise MessageError(INVALID_VALUE, keyword)
    return list(value)


def required_items(dataset: Dataset, keyword: str) -> list[Dataset]:
    if keyword not in dataset:
        raise MessageError(MISSING_ATTRIBUTE, keyword)
    found = items(dataset, keyword)
    if not found:
        raise MessageError(MISSING_VALUE, keyword)
    return found


def moment(dataset: Dataset, day: str, time: str) -> datetime | None:
    """Date and time of two attributes; None when the date is empty.

    Naive, in the device's local time, unless (0008,0201) Timezone Offset From UTC says where it stands.
    """
    date_text, time_text = text(dataset, day).replace(".", ""), text(dataset, time).replace(":", "")
    if not date_text:
        return None
    try:
        found = datetime.strptime(date_text, "%Y%m%d")  # noqa: DTZ007  local time of the device, see above
    except ValueError:
        raise MessageError(INVALID_VALUE, day) from None
    return _with_offset(dataset, found + _time_of_day(time_text, time))


def _time_of_day(written: str, keyword: str) -> timedelta:
    whole, _, fraction = written.partition(".")
    digits = whole.ljust(6, "0")
    if not (digits + fraction).isascii() or not (digits + fraction).isdigit() or len(digits) != 6:
        raise MessageError(INVALID_VALUE, keyword)
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 23 or minutes > 59 or seconds > 60 or len(fraction) > 6:
        raise MessageError(INVALID_VALUE, keyword)
    return timedelta(
        hours=hours, minutes=minutes, seconds=min(seconds, 59), microseconds=int(fraction.ljust(6, "0") or 0)
    )


def _with_offset(dataset: Dataset, found: datetime) -> datetime:
    written = text(dataset, "TimezoneOffsetFromUTC")
    if not written:
        return found
    parts = OFFSET.fullmatch(written)
    if parts is None or int(parts[2]) > 14 or int(parts[3]) > 59:
        raise MessageError(INVALID_VALUE, "TimezoneOffsetFromUTC")
    ahead = timedelta(hours=int(parts[2]), minutes=int(parts[3]))
    return found.replace(tzinfo=timezone(ahead if parts[1] == "+" else -ahead)).astimezone(UTC)


def as_json(dataset: Dataset) -> dict[str, Any]:
    """The whole message in the DICOM JSON model (PS3.18 F), fit for a JSON column of any database."""
    try:
        return storable(dataset.to_json_dict(bulk_data_threshold=1 << 30, suppress_invalid_tags=True))
    except Exception as error:  # noqa: BLE001  a peer's values: whatever pydicom's writers raise is one bad message
        raise MessageError(INVALID_VALUE, type(error).__name__) from None


def storable(value: Any) -> Any:
    """Without NUL and lone surrogates, which PostgreSQL's jsonb refuses."""
    if isinstance(value, dict):
        return {key: storable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [storable(part) for part in value]
    return UNSTORABLE.sub("", value) if isinstance(value, str) else value


def _value(dataset: Dataset, keyword: str) -> Any:
    tag = Tag(keyword)
    if tag not in dataset:
        return None
    try:
        return dataset[tag].value
    except Exception:  # noqa: BLE001  pydicom converts late and raises whatever its reader raises
        raise MessageError(INVALID_VALUE, keyword) from None
