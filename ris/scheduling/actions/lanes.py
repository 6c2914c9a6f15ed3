"""The named lanes beside a room's own."""

from __future__ import annotations

from django.db.models import Max

from ris.core.errors import InvalidInput
from ris.scheduling.models import Lane, Resource

LONGEST_NAME = 40


def lane_named(resource: Resource, name: str) -> Lane:
    """The room's lane of this name; it is opened when there is none. Inside the caller's transaction."""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInput("The lane needs a short name.", fields={"lane": "Up to 40 characters."})
    Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)  # two who open a lane at once get two numbers
    found = Lane.objects.filter(resource=resource, name=name).first()
    if found is None:
        last = Lane.objects.filter(resource=resource).aggregate(last=Max("number"))["last"] or 0
        found = Lane.objects.create(resource=resource, number=last + 1, name=name)
    return found
