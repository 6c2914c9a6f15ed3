"""When rooms are not to be had: closures, holidays, time kept for a purpose. Appointments that stand there stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from django.db import IntegrityError, transaction

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.scheduling import permissions
from ris.scheduling.hours import series
from ris.scheduling.models import Block, Closure, Holiday, Resource

MOST_WEEKS = 53
Row = TypeVar("Row", Closure, Block)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A stretch of site time in a room, on one day or on the same weekday of so many weeks."""

    resource: Resource
    day: date
    begins: time
    ends: time
    weeks: int = 1

    def spans(self) -> list[tuple[datetime, datetime]]:
        """Raises InvalidInput when it ends before it begins, or where clocks skip the hour."""
        if self.ends <= self.begins:
            raise InvalidInput("It ends before it begins.", fields={"ends": "Later than the beginning."})
        if not 1 <= self.weeks <= MOST_WEEKS:
            raise InvalidInput("Repeat for one to 53 weeks.", fields={"weeks": "1 to 53"})
        site = self.resource.site
        starts, ends = (series(site, self.day, clock, self.weeks) for clock in (self.begins, self.ends))
        return list(zip(starts, ends, strict=True))


@transaction.atomic
def close_room(when: Repeated, *, reason: str, by: Actor) -> list[Closure]:
    """Nobody can book the room then: maintenance, staff meeting."""
    permissions.require_manage(by, when.resource.site_id)
    if not reason.strip():
        raise InvalidInput("A reason is needed.", fields={"reason": "Clerks read it to patients."})
    rows = [Closure(resource=when.resource, start=start, end=end, reason=reason.strip()[:120])
            for start, end in when.spans()]  # fmt: skip
    return _added(rows, by)


@transaction.atomic
def keep_time(when: Repeated, *, purpose: str, note: str, by: Actor) -> list[Block]:
    """Only what the purpose names can be booked then."""
    permissions.require_manage(by, when.resource.site_id)
    rows = [Block(resource=when.resource, start=start, end=end, purpose=purpose, note=note.strip()[:120])
            for start, end in when.spans()]  # fmt: skip
    return _added(rows, by)


@transaction.atomic
def add_holiday(site: Site, *, day: date, name: str, by: Actor) -> Holiday:
    """Every room of the site is closed that day."""
    permissions.require_manage(by, site.pk)
    if not name.strip():
        raise InvalidInput("A name is needed.", fields={"name": "As people call the day."})
    try:
        with transaction.atomic():
            added = Holiday.objects.create(site=site, day=day, name=name.strip()[:60])
    except IntegrityError:
        raise InvalidInput("That day is a holiday already.", fields={"day": "Stands in the list."}) from None
    audit.record("hours.closed", added, by=by, site_id=site.pk)
    return added


@transaction.atomic
def remove(row: Closure | Block | Holiday, *, by: Actor) -> None:
    """The room, or the site, is to be had again then."""
    site_id = row.site_id if isinstance(row, Holiday) else row.resource.site_id
    permissions.require_manage(by, site_id)
    audit.record("hours.opened", row, by=by, site_id=site_id, what=str(row))
    row.delete()


def _added(rows: list[Row], by: Actor) -> list[Row]:
    for row in rows:
        row.save()
    audit.record("hours.closed", rows[0], by=by, site_id=rows[0].resource.site_id, times=len(rows))
    return rows
