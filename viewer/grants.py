"""Who may see which study: asked of the worklist, remembered for a few seconds, forgotten at sign-out.

A grant is never stronger than `viewable(user)` of that moment (their own studies, and one opened in an emergency); the
memory is short because a study found to be the wrong patient's is closed at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reporting.publish.hidden import hidden_series
from ris.accounts.models import User
from viewer.answers import Granted
from viewer.glass.models import viewable
from worklist.lifecycle import STUDY
from worklist.models import Study, StudyLink
from worklist.outside.rows import OutsideStudy

REMEMBERED_SECONDS = 3.0
REMEMBERED_MAX = 20_000
PATIENT_STUDIES_MAX = 100


@dataclass(frozen=True, slots=True)
class Grant:
    """One study that one person may see; `may_store` when measurements of theirs may enter it.

    `person_id` is our patient, None while the study is unmatched; `patient_id` is what the archive calls them.
    """

    study_id: int
    study_uid: str
    site_id: int | None
    person_id: int | None
    patient_id: str
    description: str
    may_store: bool
    hidden: frozenset[str] = frozenset()  # series of withdrawn reports, which nobody is shown

    @property
    def known(self) -> Granted:
        return Granted(self.patient_id, self.description)


class _Memory:
    """Grants by (session, study), for a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], tuple[float, Grant]] = {}

    def recall(self, session: str, uids: Iterable[str]) -> dict[str, Grant]:
        now = time.monotonic()
        found = {uid: self._rows.get((session, uid)) for uid in uids}
        return {uid: row[1] for uid, row in found.items() if row is not None and row[0] > now}

    def keep(self, session: str, grants: Iterable[Grant]) -> None:
        until = time.monotonic() + REMEMBERED_SECONDS
        with self._lock:
            if len(self._rows) > REMEMBERED_MAX:
                self._rows.clear()
            self._rows.update({(session, grant.study_uid): (until, grant) for grant in grants})

    def forget(self, session: str) -> None:
        with self._lock:
            for key in [key for key in self._rows if key[0] == session]:
                del self._rows[key]


_memory = _Memory()


def forget(session: str) -> None:
    """Drop what is remembered of a session, at sign-out."""
    _memory.forget(session)


def find(user: User, session: str, study_uids: Iterable[str]) -> Mapping[str, Grant]:
    """Those of the studies that the user may see, by UID; the others are missing."""
    wanted = frozenset(study_uids)
    found = _memory.recall(session, wanted)
    missing = wanted - found.keys()
    if missing:
        fresh = _grants(user, list(viewable(user).filter(study_instance_uid__in=missing)))
        _memory.keep(session, fresh.values())
        found |= fresh
    return found


def of_patient(user: User, patient_id: str) -> Mapping[str, Grant] | None:
    """The visible studies of the patient of this ID at the archive, newest first; None when there is none.

    Two issuers may have given the same number to two persons: then none of their studies is listed under it. Nor is one
    that waits for its patient.
    """
    rows = viewable(user).filter(patient_id_text=patient_id)
    readable = rows.filter(state__in=STUDY.groups["readable"])
    studies = list(readable.order_by("-study_date", "-pk")[:PATIENT_STUDIES_MAX])
    if not studies:
        return {} if rows.exists() else None
    return _grants(user, studies) if len(patients(studies)) == 1 else {}


def patients(studies: Iterable[Study]) -> frozenset[int]:
    """The persons that these studies are linked to, after merges."""
    return frozenset(person for _study, person in _links(list(studies)))


def linked(studies: Iterable[Study]) -> frozenset[int]:
    """Those that belong to somebody."""
    return frozenset(study for study, _person in _links(list(studies)))


def _links(studies: list[Study]) -> list[tuple[int, int]]:
    """(study, person) of each active link and of each study from outside, after merges."""
    links = StudyLink.objects.filter(study__in=studies, active=True)
    own = links.select_related("requested_procedure__order__patient__merged_into")
    brought = OutsideStudy.objects.filter(study__in=studies).select_related("patient__merged_into")
    found = [(link.study_id, link.requested_procedure.order.patient.current.pk) for link in own]
    return found + [(one.study_id, one.patient.current.pk) for one in brought]


def for_the_system(study: Study) -> Grant:
    """For what this system fetches ahead; it lets nobody see anything."""
    uid, patient = study.study_instance_uid, study.patient_id_text
    hidden = hidden_series([study.pk]).get(study.pk, frozenset())
    return Grant(study.pk, uid, study.site_id, None, patient, study.description, may_store=False, hidden=hidden)


def _grants(user: User, studies: list[Study]) -> dict[str, Grant]:
    """An unlinked study receives nothing, whoever asks."""
    persons = dict(_links(studies))
    writable = user.sites_where("report.write")
    hidden = hidden_series([study.pk for study in studies])
    return {
        study.study_instance_uid: Grant(
            study_id=study.pk,
            study_uid=study.study_instance_uid,
            site_id=study.site_id,
            person_id=persons.get(study.pk),
            patient_id=study.patient_id_text,
            description=study.description,
            may_store=study.pk in persons and study.site_id in writable and STUDY.within(study, "readable"),
            hidden=hidden.get(study.pk, frozenset()),
        )
        for study in studies
    }
