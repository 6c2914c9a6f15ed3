"""To whom a case goes when it becomes readable: the site's rules, decided purely and told in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from ris.accounts.models import User
from ris.orders.models import RequestedProcedure
from worklist.lifecycle import READING
from worklist.models import ReadingTask
from worklist.reading.staff import AssignmentRule, OnCall


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rule looks at: body parts in capitals."""

    priority: str
    modality: str
    body_part: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`way` is one of staff.WAYS; an empty condition fits everything."""

    group: int
    group_name: str
    way: str
    members: tuple[int, ...] = ()
    priority: str = ""
    modality: str = ""
    body_part: str = ""

    def fits(self, case: Wanted) -> bool:
        pairs = ((self.priority, case.priority), (self.modality, case.modality), (self.body_part, case.body_part))
        return all(wanted in ("", found) for wanted, found in pairs)


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known of one who may be handed a case; `load` counts their open cases."""

    pk: int
    name: str
    load: int = 0
    most_open: int | None = None
    modalities: frozenset[str] = frozenset()
    away: bool = False
    on_call: bool = False
    may_read: bool = True

    def takes(self, case: Wanted) -> bool:
        """Present, with the privilege, and not full."""
        privileged = not self.modalities or case.modality in self.modalities
        full = self.most_open is not None and self.load >= self.most_open
        return self.may_read and privileged and not self.away and not full


@dataclass(frozen=True, slots=True)
class Decision:
    group: int
    person: int | None
    why: str


def decide(case: Wanted, rules: Sequence[Rule], readers: Iterable[Reader]) -> Decision | None:
    """The first rule that fits and finds somebody; None when there is none."""
    known = {reader.pk: reader for reader in readers}
    for rule in (rule for rule in rules if rule.fits(case)):
        free = [known[pk] for pk in rule.members if pk in known and known[pk].takes(case)]
        if rule.way == "on-call":
            free = [reader for reader in free if reader.on_call]
        if not free:
            continue
        if rule.way == "group":
            return Decision(rule.group, None, f"Rule: for {rule.group_name}")
        chosen = min(free, key=lambda reader: (reader.load, reader.pk))
        reason = "on call" if rule.way == "on-call" else "fewest open cases"
        return Decision(rule.group, chosen.pk, f"Rule: {reason} of {rule.group_name}")
    return None


def whose(task: ReadingTask, requested: RequestedProcedure) -> dict[str, Any]:
    """The columns of the case that the site's rules fill; none without rules, or when no rule finds anybody."""
    rows = AssignmentRule.objects.filter(site=task.site_id, active=True)
    rules = [_rule(row) for row in rows.select_related("group").prefetch_related("group__members")]
    if not rules:
        return {}
    now, procedure = timezone.now(), requested.procedure
    wanted = Wanted(task.priority, procedure.modality, procedure.body_part.upper())
    readers = _readers({pk for rule in rules for pk in rule.members}, task.site_id, now)
    found = decide(wanted, rules, readers)
    if found is None:
        return {}
    return {
        "assigned_to_id": found.person,
        "assigned_group_id": found.group,
        "assigned_at": now,
        "assigned_why": found.why,
    }


def _rule(row: AssignmentRule) -> Rule:
    members = tuple(person.pk for person in row.group.members.all())
    part = row.body_part.upper()
    return Rule(row.group_id, row.group.name, row.way, members, row.priority, row.modality, part)


def _readers(members: Iterable[int], site_id: int, now: datetime) -> list[Reader]:
    people = User.objects.filter(pk__in=list(members), is_active=True).select_related("reading_profile")
    people = people.prefetch_related("memberships")
    duty = OnCall.objects.filter(site=site_id, start__lte=now, end__gt=now)
    on_call, loads = set(duty.values_list("user", flat=True)), loads_of(members)
    return [
        replace(
            _reader(person, loads.get(person.pk, 0)),
            on_call=person.pk in on_call,
            may_read=person.may("report.write", site_id),
        )
        for person in people
    ]


def _reader(person: User, load: int) -> Reader:
    profile = getattr(person, "reading_profile", None)
    if profile is None:
        return Reader(person.pk, person.display, load)
    modalities = frozenset(profile.modalities.split())
    return Reader(person.pk, person.display, load, profile.most_open, modalities, profile.away)


def loads_of(people: Iterable[int]) -> dict[int, int]:
    """How many open cases each has in hand or waiting for them."""
    wanted = list(people)
    held = ReadingTask.objects.filter(claimed_by__in=wanted, state__in=READING.groups["mine"])
    waits = ReadingTask.objects.filter(Q(assigned_to__in=wanted), state__in=READING.groups["free"])
    found: dict[int, int] = {}
    for rows, name in ((held, "claimed_by"), (waits, "assigned_to")):
        for pk, count in rows.order_by().values_list(name).annotate(n=Count("pk")):
            found[pk] = found.get(pk, 0) + count
    return found
