"""What the reconciliation queue shows."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, Q

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from worklist.lifecycle import STUDY
from worklist.models import DOUBTS, Study, WrongPatient
from worklist.reconcile.decisions import StudyDecision

SHOWN: Final = 200
LATEST: Final = 20
CORRECTING, WRONG = "correcting", "wrong-patient"
KINDS: Final = {**dict(DOUBTS), CORRECTING: "Being corrected", WRONG: "Wrong patient"}
# What the trail of a study tells, in words; the detail says the rest.
TRAIL: Final = {
    "study.noticed": "came to the archive",
    "study.linked": "was linked",
    "study.unlinked": "was unlinked",
    "study.decision-undone": "decision undone",
    "study.blocked": "was closed as the wrong patient's",
    "study.settled": "was settled",
    "study.opened-again": "is open again: the archive was corrected",
    "study.rehoming-asked": "correction of the archive asked for",
    "study.rehomed": "was corrected at the archive",
    "study.series-moved": "series moved between two patients",
}


def queue_rows(user: User, *, kind: str = "", text: str = "") -> dict[str, Any]:
    """Studies that wait for a person, longest waiting first, and how many of each kind there are."""
    waiting = Study.objects.decidable_by(user).filter(state__in=STUDY.groups["queued"])
    counts = waiting.order_by().values_list("state", "doubt").annotate(n=Count("pk"))
    tally: dict[str, int] = dict.fromkeys(KINDS, 0)
    for state, doubt, n in counts:
        tally[CORRECTING if state in STUDY.groups["correcting"] else doubt or "nothing"] += n
    tally[WRONG] = WrongPatient.objects.visible_to(user).waiting().count()
    rows = waiting.filter(_of_kind(kind) & _named(text)).select_related("site").order_by("first_seen_at", "pk")
    return {
        "studies": [] if kind == WRONG else list(rows[:SHOWN]),
        "wrong": _wrong(user, text) if kind in ("", WRONG) else [],
        "kinds": [(name, words, tally[name]) for name, words in KINDS.items()],
        "total": sum(tally.values()),
        "latest": list(StudyDecision.objects.visible_to(user).select_related("study", "requested_procedure")[:LATEST]),
        "kind": kind,
        "q": text,
        "shown": SHOWN,
    }


def _of_kind(kind: str) -> Q:
    if kind == CORRECTING:
        return Q(state__in=STUDY.groups["correcting"])
    open_ones = Q(state__in=STUDY.groups["reconcilable"])
    if kind == "nothing":
        return open_ones & Q(doubt__in=["nothing", ""])
    return open_ones & Q(doubt=kind) if kind in dict(DOUBTS) else Q()


def _named(text: str) -> Q:
    """By what the archive calls the study: accession number, patient number, the beginning of the name."""
    if not text:
        return Q()
    return Q(accession_number__iexact=text) | Q(patient_id_text__iexact=text) | Q(patient_name__istartswith=text)


def _wrong(user: User, text: str) -> list[WrongPatient]:
    rows = WrongPatient.objects.visible_to(user).waiting().select_related("site", "study")
    if text:
        rows = rows.filter(Q(study__accession_number__iexact=text) | Q(study__patient_id_text__iexact=text))
    return list(rows.order_by("said_at", "pk")[:SHOWN])


def trail_of(study: Study) -> list[dict[str, Any]]:
    """Who did what to this study, when and why: from the audit trail, latest first."""
    events = AuditEvent.objects.filter(study_uid=study.study_instance_uid, action__in=TRAIL, outcome="success")
    return [
        {
            "at": event.at,
            "who": event.actor_display,
            "what": TRAIL[event.action],
            "accession": event.detail.get("accession", ""),
            "evidence": event.detail.get("evidence", ""),
            "why": event.detail.get("reason") or event.detail.get("found", ""),
        }
        for event in events.order_by("-id")[:SHOWN]
    ]
