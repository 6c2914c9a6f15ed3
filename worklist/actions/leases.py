"""Leases on cases: renewed by signs of life, lapsed in silence, taken over with a reason (workflow.md rule 9)."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor, SystemActor
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted, TransitionError
from ris.core.texts import fault_of_text
from ris.events import emit
from ris.notifications.actions import notify
from worklist import permissions
from worklist.actions.reading import claim, let_go
from worklist.lifecycle import READING
from worklist.models import ReadingTask
from worklist.reading.leases import lease_from
from worklist.reading.turns import ReadingTurn, begin_turn, end_turn

LEASES: Final = SystemActor("leases")
AT_ONCE: Final = 200
LONGEST: Final = 255


def renew(task: ReadingTask, *, by: User) -> ReadingTask:
    """A sign of life of its reader. One whose lease lapsed gets the case back while nobody else has it.

    A renewal is no fact to be kept: no audit row, no event. Raises ConcurrentUpdateError when it is theirs no more.
    """
    permissions.require_read(by, task)
    mine = ReadingTask.objects.filter(pk=task.pk, claimed_by=by, state__in=READING.groups["mine"])
    if mine.update(lease_until=lease_from(timezone.now())) == 1:
        return task
    last = ReadingTurn.objects.filter(task=task).order_by("pk").last()
    if last is not None and last.reader_id == by.pk and last.ended == "lapsed":
        return claim(task, by=by)
    raise ConcurrentUpdateError("This case is with another reader, or with nobody. Look at the reading list.")


def lapse_leases() -> int:
    """The timer's turn: cases whose reader is silent and wrote nothing go back to the list; how many did.

    What has text never lapses: the list says for how long it has been paused, and somebody may take it over.
    """
    silent = ReadingTask.objects.filter(state__in=READING.groups["untouched"], lease_until__lt=timezone.now())
    pks = list(silent.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_lapse(pk, by=LEASES) for pk in pks)


@transaction.atomic
def _lapse(pk: int, *, by: Actor) -> bool:
    if not by.may("reading.lapse", None):
        raise NotPermitted("Leases are ended by the system.")
    task = ReadingTask.objects.select_for_update().get(pk=pk)
    over = task.lease_until is not None and task.lease_until < timezone.now()
    if not (over and READING.within(task, "untouched")):
        return False
    reader = task.claimed_by_id
    let_go(task, ended="lapsed")
    audit.record("reading.lapsed", task, by=by, reader=reader)
    emit("reading.released", task, by=by, lapsed_from=reader)
    return True


@transaction.atomic
def take_over(task: ReadingTask, *, reason: str, by: User) -> ReadingTask:
    """Read on what another reader began. Both stay known as its readers, and the first one is told.

    Raises NotPermitted, InvalidInput without a reason, TransitionError when nobody has it, or oneself.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    permissions.require_read(by, task)
    if task.held:
        raise TransitionError("The images of this case are another patient's and were closed. Nothing can be read now.")
    words = reason.strip()
    fault = fault_of_text(words, longest=LONGEST) if words else "Say why you take it over."
    if fault:
        raise InvalidInput("The case was not taken over.", fields={"reason": fault})
    first = task.claimed_by
    if first is None or first == by or not READING.within(task, "mine"):
        raise TransitionError("Nobody else is reading this case. Reload the list and take it.")
    now = timezone.now()
    READING.advance(task, "take-over", claimed_by_id=by.pk, claimed_at=now, lease_until=lease_from(now), changed_at=now)
    end_turn(task.pk, "taken-over", now, words)
    begin_turn(task.pk, by.pk, now)
    audit.record("reading.taken-over", task, by=by, taken_from=first.pk, reason=words)
    emit("reading.taken-over", task, by=by, taken_from=first.pk)
    link = reverse("viewer:reading-room", args=[task.pk])
    subject, text = "A case of yours was taken over", f"{by.display}: {words}. What you wrote stays in the report."
    notify([first], key=f"taken-over/{task.pk}/{now:%Y%m%d%H%M%S%f}", subject=subject, text=text, link=link)
    return task
