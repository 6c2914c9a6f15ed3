"""Handing cases out and over: to a person, to a group, with a note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput, TransitionError
from ris.core.texts import fault_of_text
from ris.events import emit
from ris.notifications.actions import notify
from worklist import permissions
from worklist.actions.reading import release
from worklist.lifecycle import READING
from worklist.models import ReadingTask
from worklist.reading.staff import ReadingGroup

LONGEST_NOTE: Final = 160


@dataclass(frozen=True, slots=True)
class Heir:
    """A person, a group, or neither: then the case is everybody's again."""

    person: User | None = None
    group: ReadingGroup | None = None

    @property
    def name(self) -> str:
        return self.person.display if self.person else self.group.name if self.group else "everybody"


@transaction.atomic
def assign(task: ReadingTask, *, to: Heir, note: str = "", by: User) -> ReadingTask:
    """Say for whom an open case waits; whoever reads it now reads on. The person is told.

    Raises NotPermitted, InvalidInput for somebody who does not read at the site, TransitionError for a closed case.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    permissions.require_assign(by, task, to.person)
    _require_reader(task, to)
    if not READING.within(task, "open"):
        raise TransitionError("This case is closed: there is nothing to be handed out.")
    words = _note(note)
    why = f"{by.display}: {words}" if words else f"By {by.display}"
    _write(task, to, why[:255], by=by)
    _tell([task], to, words, by=by)
    return task


@transaction.atomic
def hand_over(tasks: Iterable[ReadingTask], *, to: Heir, note: str, by: User) -> list[ReadingTask]:
    """At the end of a shift: cases that one reads, or that wait for oneself, go to somebody else with a note.

    What was written goes with them. Raises NotPermitted, InvalidInput without an heir, TransitionError for cases that
    are not one's own.
    """
    if to.person is None and to.group is None:
        raise InvalidInput("Nothing was handed over.", fields={"to": "Choose a person or a group."})
    words = _note(note)
    keys = sorted(task.pk for task in tasks)
    held = list(ReadingTask.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    for task in held:
        permissions.require_read(by, task)
        _require_reader(task, to)
        if READING.within(task, "mine") and task.claimed_by_id == by.pk:
            release(task, ended="handed-over", by=by)
        elif task.assigned_to_id != by.pk or not READING.within(task, "free"):
            raise TransitionError("One of these cases is not yours any more. Reload the list.")
        task.refresh_from_db()
        _write(
            task, to, f"Handed over by {by.display}: {words}"[:255] if words else f"Handed over by {by.display}", by=by
        )
    _tell(held, to, words, by=by)
    return held


def _note(note: str) -> str:
    words = " ".join(note.split())
    fault = fault_of_text(words, longest=LONGEST_NOTE) if words else ""
    if fault:
        raise InvalidInput("Nothing was handed over.", fields={"note": fault})
    return words


def _require_reader(task: ReadingTask, to: Heir) -> None:
    if to.person is not None and not permissions.may_read(to.person, task):
        raise InvalidInput("Nothing was handed over.", fields={"to": f"{to.name} does not read at {task.site}."})
    if to.group is not None and to.group.site_id != task.site_id:
        raise InvalidInput("Nothing was handed over.", fields={"to": f"{to.name} does not read at {task.site}."})


def _write(task: ReadingTask, to: Heir, why: str, *, by: User) -> None:
    now = timezone.now()
    person, group = to.person.pk if to.person else None, to.group.pk if to.group else None
    ReadingTask.objects.filter(pk=task.pk).update(
        assigned_to=person, assigned_group=group, assigned_at=now, assigned_why=why, changed_at=now
    )
    task.refresh_from_db()
    audit.record("reading.assigned", task, by=by, to=person, group=group)
    emit("reading.assigned", task, by=by, to=person, group=group)


def _tell(tasks: list[ReadingTask], to: Heir, note: str, *, by: User) -> None:
    if to.person is None or to.person == by or not tasks:
        return
    count = "A case was" if len(tasks) == 1 else f"{len(tasks)} cases were"
    key = f"handed/{tasks[0].pk}/{timezone.now():%Y%m%d%H%M%S%f}"
    text = f"{by.display}: {note}" if note else f"By {by.display}."
    link = f"{reverse('worklist:reading-list')}?assigned=me"
    notify([to.person], key=key, subject=f"{count} handed to you", text=text, link=link)
