"""Whose images something was measured on: by the links of the study as they are now, which people may have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from worklist.lifecycle import STUDY
from worklist.models import Study

LINK = "links__requested_procedure"


@dataclass(slots=True)
class Holders:
    """Which requested procedures a study answers, and whose those are; of a closed study none."""

    requests: set[int] = field(default_factory=set)
    patients: set[int] = field(default_factory=set)


def holders_of(uids: Iterable[str]) -> dict[str, Holders]:
    """By StudyInstanceUID, of the studies that are known here."""
    person = f"{LINK}__order__patient"
    rows = Study.objects.filter(study_instance_uid__in=set(uids)).order_by()
    about = ("study_instance_uid", "state", "links__active", LINK, person, f"{person}__merged_into")
    found: dict[str, Holders] = {}
    for uid, state, active, request, patient, head in rows.values_list(*about):
        held = found.setdefault(uid, Holders())
        if active and state not in STUDY.groups["closed"]:
            held.requests.add(request)
            held.patients.add(head or patient)
    return found


def standing(holders: Mapping[str, Holders], uid: str, patient: int) -> str:
    """`entered-in-error` of images that are another patient's, `unknown` of images that nobody has, else nothing."""
    held = holders.get(uid)
    if held is None or patient in held.patients:
        return ""
    return "entered-in-error" if held.patients else "unknown"
