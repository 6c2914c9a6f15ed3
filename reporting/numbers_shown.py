"""Which numbers of a draft somebody was shown: whoever signs it without its page answers for those only.

Most of what changes them changes neither the revision of the text nor any stored object: a study that is unlinked, an
earlier exam that comes, a series that is moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reporting.models import Report
from reporting.numbers import numbers_of
from reporting.refilled import looks_at
from ris import audit
from ris.accounts.models import User

SHOWN, VERSION = "report.numbers-shown", "numbers"
PARTS = ("measurements", "key_images", "objects", "refused", "images_closed", "moved", "changes")
FIELD = ("filled", "removed", "prior", "mark")


def record_shown(report: Report, found: Mapping[str, Any], *, by: User) -> None:
    """These numbers, as `numbers_of` gave them, went to `by`."""
    patient = report.task.patient_id
    audit.record(SHOWN, report, by=by, patient=patient, **{VERSION: found["numbers_version"]})


def were_shown(report: Report, user: User) -> bool:
    """Whether the numbers as they stand now are those that `user` was shown last; who was shown none misses none."""
    found = numbers_of(report)
    shown = looks_at(report, user, (SHOWN, "report.viewed")).filter(detail__has_key=VERSION)
    last = shown.order_by("-at", "-pk").values_list("detail", flat=True).first()
    return last[VERSION] == found["numbers_version"] if last else _is_empty(found)


def _is_empty(found: Mapping[str, Any]) -> bool:
    says_something = any(field[part] for field in found["fields"] for part in FIELD)
    return not says_something and not any(found[part] for part in PARTS)
