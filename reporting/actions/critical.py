"""Flagging a critical finding, telling it, withdrawing it, and passing it on when time has run out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from reporting.critical.closed import words_of
from reporting.critical.letters import write_to
from reporting.critical.record import (
    CATEGORIES,
    LONGEST_FINDING,
    WAYS,
    Communication,
    CriticalFinding,
    allowed,
)
from reporting.critical.whom import next_contact, page_for, people_for, tell_of_no_contact
from reporting.delay.actions import release_urgent
from reporting.lifecycle import CRITICAL
from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.core.texts import fault_of_text
from ris.events import emit
from ris.notifications.actions import notify
from worklist.models import ReadingTask

EARLIER: Final = timedelta(hours=24)
"""How long before its flag a finding may have been told."""


@transaction.atomic
def flag(
    task: ReadingTask, *, category: int, finding: str, recipient: str, reach: str = "", by: User
) -> CriticalFinding:
    """Say that somebody must be told; the clock starts now. Legal from any state of the report.

    A signed report of the case that still waits for its release leaves at once.

    Raises NotPermitted, InvalidInput, TransitionError while the images are closed as another patient's.
    """
    task = ReadingTask.objects.select_for_update(of=("self",)).select_related("site").get(pk=task.pk)
    _require(by, task.site_id)
    if task.held:
        raise TransitionError("The images of this case are another patient's and were closed. Nothing can be said now.")
    texts = {
        "finding": " ".join(finding.split()),
        "recipient": " ".join(recipient.split()),
        "reach": " ".join(reach.split()),
    }
    faults = _faults(texts)
    if category not in dict(CATEGORIES):
        faults["category"] = "Choose one of the categories."
    if faults:
        raise InvalidInput("The finding was not flagged.", fields=faults)
    now = timezone.now()
    due = now + allowed(task.site, category)
    kept = CriticalFinding.objects.create(
        task=task, site=task.site, category=category, flagged_by=by, flagged_at=now, due_at=due, **texts
    )
    audit.record("critical.flagged", kept, by=by, patient=task.patient_id, category=category)
    emit("critical.flagged", kept, by=by)
    release_urgent(task, by=by)
    return kept


def _faults(texts: dict[str, str]) -> dict[str, str]:
    faults = {
        name: fault_of_text(text, longest=LONGEST_FINDING if name == "finding" else 120) for name, text in texts.items()
    }
    faults["finding"] = faults["finding"] or ("" if texts["finding"] else "What was found? One sentence.")
    faults["recipient"] = faults["recipient"] or ("" if texts["recipient"] else "Who must be told? A person, by name.")
    return {name: fault for name, fault in faults.items() if fault}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who was told (or tried) when and how, whether the person was reached, and whether they read it back."""

    told: str
    way: str
    reached: bool
    read_back: bool
    at: datetime
    note: str = ""


@transaction.atomic
def tell(critical: CriticalFinding, attempt: Attempt, *, by: User) -> Communication:
    """Write an attempt down. The finding is told once a person was reached and read it back, and stays open till then.

    Raises NotPermitted, InvalidInput, TransitionError when it was withdrawn.
    """
    critical = _locked(critical)
    _require(by, critical.site_id)
    faults = _faults_of_attempt(attempt, critical)
    if faults:
        raise InvalidInput("The call was not written down.", fields=faults)
    if not CRITICAL.within(critical, "tellable"):
        raise TransitionError("This finding was withdrawn.")
    row = Communication.objects.create(critical=critical, by=by, **asdict(attempt))
    if attempt.reached and attempt.read_back:
        CRITICAL.advance(critical, "tell")
    patient = critical.task.patient_id
    audit.record("critical.told", critical, by=by, patient=patient, communication=row.pk, reached=row.reached)
    emit("critical.told", critical, by=by, communication=row.pk)
    return row


def _locked(critical: CriticalFinding) -> CriticalFinding:
    rows = CriticalFinding.objects.select_for_update(of=("self",)).select_related("task", "site", "flagged_by")
    return rows.get(pk=critical.pk)


def _faults_of_attempt(attempt: Attempt, critical: CriticalFinding) -> dict[str, str]:
    told = attempt.told.strip()
    faults = {
        "told": fault_of_text(told, longest=120) if told else "Who was told? A person, by name.",
        "note": fault_of_text(attempt.note, longest=200),
        "way": "" if attempt.way in dict(WAYS) else "Choose one of the ways.",
        "at": _fault_of_time(attempt.at, critical),
        "read_back": "",
    }
    if attempt.read_back and not attempt.reached:
        faults["read_back"] = "Nobody can read back what they were not told."
    return {name: fault for name, fault in faults.items() if fault}


def _fault_of_time(at: datetime, critical: CriticalFinding) -> str:
    """Whoever calls first and documents afterwards is heard; `noted_at` keeps when it was written down."""
    if at > timezone.now():
        return "This time is still to come."
    images = critical.task.studies().order_by("first_seen_at").values_list("first_seen_at", flat=True).first()
    earliest = min(critical.flagged_at - EARLIER, images or critical.flagged_at).replace(second=0, microsecond=0)
    return "This is before the images were there, and more than a day before the flag." if at < earliest else ""


@transaction.atomic
def withdraw(critical: CriticalFinding, *, reason: str, by: User) -> CriticalFinding:
    """Take a finding back that was none; what was told of it stays on record. Raises NotPermitted, InvalidInput."""
    critical = _locked(critical)
    _require(by, critical.site_id)
    reason = " ".join(reason.split())
    fault = fault_of_text(reason, longest=200) if reason else "Why? One sentence."
    if fault:
        raise InvalidInput("The finding stands.", fields={"reason": fault})
    CRITICAL.advance(critical, "withdraw", withdrawn_because=reason)
    audit.record("critical.withdrawn", critical, by=by, patient=critical.task.patient_id, reason=reason)
    emit("critical.withdrawn", critical, by=by)
    return critical


@transaction.atomic
def escalate(critical: CriticalFinding, *, by: Actor) -> CriticalFinding:
    """Time has run out: tell the next contact of the site, and whoever flagged it. Safe to repeat.

    Without a contact who could open it all who sign at the site are told, and those who administer it.
    """
    critical = _locked(critical)
    if not by.may("critical.escalate", critical.site_id):
        raise NotPermitted("Findings are passed on by the system.")
    now = timezone.now()
    if not CRITICAL.within(critical, "open") or critical.due_at > now:
        return critical
    step = critical.escalations
    critical.escalations, critical.due_at = step + 1, now + allowed(critical.site, critical.category)
    critical.save(update_fields=["escalations", "due_at"])
    told = _alarm(critical, step)
    audit.record("critical.escalated", critical, by=by, patient=critical.task.patient_id, step=step, to=told)
    emit("critical.escalated", critical, by=by)
    return critical


def _alarm(critical: CriticalFinding, step: int) -> list[str]:
    """Whoever flagged it, and one contact after the other, round and round until somebody has read it back.

    Returns the user names of all who were told.
    """
    contact = next_contact(critical.site, step)
    people = people_for(critical, contact)
    minutes = int((timezone.now() - critical.flagged_at).total_seconds() // 60)
    asked = f"Please call {critical.recipient}, and write the call down."
    for person in people:
        notify(
            [person],
            key=f"critical/{critical.pk}/{step}",
            subject="Nobody has read back a critical finding",
            text=f"It was flagged {minutes} minutes ago. {words_of(critical) if critical.is_void else asked}",
            link=page_for(person, critical),
            site=critical.site,
        )
    if contact is not None:
        write_to(contact, critical, step)
    else:
        tell_of_no_contact(critical, people)
    return [person.username for person in people]


def _require(by: Actor, site_id: int) -> None:
    if not by.may("report.write", site_id):
        raise NotPermitted("Critical findings are flagged and told by those who read at this site.")
