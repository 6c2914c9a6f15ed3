"""A room's weekly opening hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from django.db import transaction

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.scheduling import permissions
from ris.scheduling.models import WEEKDAYS, Opening, Resource


@dataclass(frozen=True, slots=True, order=True)
class DayHours:
    """One stretch in which a room is open; weekday 0 is Monday."""

    weekday: int
    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday][1]} {self.opens:%H:%M}-{self.closes:%H:%M}"


@transaction.atomic
def set_hours(resource: Resource, *, hours: Sequence[DayHours], by: Actor) -> list[Opening]:
    """Put these weekly hours in the place of what there was; none at all means always open.

    Appointments that stand outside stay until somebody moves them. Raises NotPermitted, InvalidInput.
    """
    resource = Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
    permissions.require_manage(by, resource.site_id)
    wanted = sorted(hours)
    _check(wanted)
    before = [str(DayHours(row.weekday, row.opens, row.closes)) for row in resource.openings.all()]
    after = [str(row) for row in wanted]
    if before == after:
        return list(resource.openings.all())
    resource.openings.all().delete()
    rows = [Opening(resource=resource, weekday=row.weekday, opens=row.opens, closes=row.closes) for row in wanted]
    made = Opening.objects.bulk_create(rows)
    audit.record("hours.changed", resource, by=by, site_id=resource.site_id, before=before, after=after)
    return made


def _check(hours: Sequence[DayHours]) -> None:
    for row in hours:
        if row.closes <= row.opens:
            raise InvalidInput(
                f"{row}: it closes before it opens.", fields={f"day_{row.weekday}": "Opens, then closes."}
            )
    for one, other in pairwise(hours):
        if one.weekday == other.weekday and other.opens < one.closes:
            raise InvalidInput(f"{one} and {other} overlap.", fields={f"day_{one.weekday}": "The two overlap."})
