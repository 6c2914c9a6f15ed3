"""The query part of the DICOMweb grammar (PS3.18 §8.3.4, §10.6.1.2): allow-listed keys, one value each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

UID_LIST = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*(?:,(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*)*")
UID_MAX = 64
UIDS_MAX = 100
FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}|[0-9A-Fa-f]{8}")
FIELDS_MAX = 64
LIMIT_STUDIES = 200
LIMIT_OBJECTS = 100_000
OFFSET_MAX = 1_000_000
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Query:
    """What of a query string is understood; everything here is safe to write into a URL, but patient_id."""

    studies: tuple[str, ...] = ()
    patient_id: str | None = None
    filters: tuple[tuple[str, str], ...] = ()
    includefield: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0


ABSENT = Query()

_CANONICAL = {
    "0020000d": "studyinstanceuid",
    "0020000e": "seriesinstanceuid",
    "00080018": "sopinstanceuid",
    "00080016": "sopclassuid",
    "00080060": "modality",
    "00100020": "patientid",
}
_TAGS = {
    "seriesinstanceuid": "0020000E",
    "sopinstanceuid": "00080018",
    "sopclassuid": "00080016",
    "modality": "00080060",
}
_PAGING = frozenset({"includefield", "limit", "offset", "fuzzymatching"})
_KEYS: dict[str, frozenset[str]] = {
    "studies": _PAGING | {"studyinstanceuid", "patientid"},
    "study-series": _PAGING | {"seriesinstanceuid", "modality"},
    "study-instances": _PAGING | {"seriesinstanceuid", "sopinstanceuid", "sopclassuid"},
    "series-instances": _PAGING | {"sopinstanceuid", "sopclassuid"},
    "series-rendered": frozenset({"accept"}),
    "instance-rendered": frozenset({"accept"}),
}
# Keys that choose studies or persons, understood here or not, by keyword and by tag (PS3.6).
_CHOOSING = frozenset(
    {"studyinstanceuid", "patientid", "patientname", "patientbirthdate", "accessionnumber", "otherpatientids"}
    | {"00100010", "00100030", "00080050", "00101000"}
)
_ACCEPTED = frozenset({"image/jpeg", "application/pdf"})


def read_query(endpoint: str, raw: bytes) -> Query | int:
    """The checked query of one endpoint, or the status of its refusal: 400, or 406 for a foreign `accept`."""
    pairs = _pairs(raw)
    if pairs is None:
        return 400
    allowed = _KEYS.get(endpoint, frozenset())
    seen: set[str] = set()
    query = ABSENT
    for name, value in pairs:
        key = _CANONICAL.get(name.lower(), name.lower())
        if key not in allowed or (key in seen and key != "includefield"):
            return 400
        seen.add(key)
        if key == "accept" and value not in _ACCEPTED:
            return 406
        read = _apply(query, key, value)
        if read is None:
            return 400
        query = read
    return _finished(endpoint, query)


def chosen_by(raw: bytes) -> list[str]:
    """Which studies and persons a query names, as far as it can be read at all; "" for a value that cannot."""
    items = (item.partition(b"=") for item in raw.split(b"&"))
    named = [((_decoded(name) or "").lower(), _decoded(value) or "") for name, _, value in items if value]
    chosen = [value for name, value in named if _CANONICAL.get(name, name) in _CHOOSING]
    return [one for value in chosen for one in [part for part in value.split(",") if part] or [""]]


def _finished(endpoint: str, query: Query) -> Query | int:
    if endpoint != "studies":
        return query
    if not query.studies and query.patient_id is None:
        return 400
    return replace(query, limit=min(query.limit or LIMIT_STUDIES, LIMIT_STUDIES))


def _pairs(raw: bytes) -> list[tuple[str, str]] | None:
    if not raw:
        return []
    pairs = []
    for item in raw.split(b"&"):
        name, equals, value = item.partition(b"=")
        texts = _decoded(name), _decoded(value)
        if not equals or not texts[0] or texts[1] is None:
            return None
        pairs.append((texts[0], texts[1]))
    return pairs


def _decoded(raw: bytes) -> str | None:
    """Percent-decoded printable text; None for a broken escape, control characters or bytes that are not UTF-8."""
    if raw.count(b"%") != len(_ESCAPE.findall(raw)):
        return None
    try:
        text = _ESCAPE.sub(lambda hit: bytes([int(hit[1], 16)]), raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _apply(query: Query, key: str, value: str) -> Query | None:
    return _READERS[key](query, value) if key in _READERS else _filter(query, key, value)


def _uids(value: str) -> tuple[str, ...] | None:
    if not UID_LIST.fullmatch(value):
        return None
    uids = tuple(dict.fromkeys(value.split(",")))
    return uids if len(uids) <= UIDS_MAX and all(len(uid) <= UID_MAX for uid in uids) else None


def _studies(query: Query, value: str) -> Query | None:
    uids = _uids(value)
    return None if uids is None else replace(query, studies=uids)


def _patient(query: Query, value: str) -> Query | None:
    return replace(query, patient_id=value) if 0 < len(value) <= 64 and not set(value) & set("*?\\") else None


def _filter(query: Query, key: str, value: str) -> Query | None:
    good = re.fullmatch(r"[A-Z]{1,16}", value) if key == "modality" else _uids(value)
    return replace(query, filters=(*query.filters, (_TAGS[key], value))) if good else None


def _fields(query: Query, value: str) -> Query | None:
    names = tuple(value.split(",")) if value else ()
    if not all(FIELD.fullmatch(name) for name in names):
        return None
    merged = tuple(dict.fromkeys((*query.includefield, *names)))
    return replace(query, includefield=merged) if len(merged) <= FIELDS_MAX else None


def _limit(query: Query, value: str) -> Query | None:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) == 0:
        return None
    return replace(query, limit=min(int(value), LIMIT_OBJECTS))


def _offset(query: Query, value: str) -> Query | None:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) > OFFSET_MAX:
        return None
    return replace(query, offset=int(value))


def _fuzzy(query: Query, value: str) -> Query | None:
    """Understood and not forwarded: nothing is matched by name here."""
    return query if value in {"true", "false"} else None


def _accept(query: Query, value: str) -> Query:
    return query


_READERS: dict[str, Callable[[Query, str], Query | None]] = {
    "studyinstanceuid": _studies,
    "patientid": _patient,
    "includefield": _fields,
    "limit": _limit,
    "offset": _offset,
    "fuzzymatching": _fuzzy,
    "accept": _accept,
}
