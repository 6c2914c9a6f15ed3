"""What came of a sender's own message: it knows of it, and is not told (ris.hl7.outgoing.visits)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import models

from ris.audit.recording import identify
from ris.events.models import Event
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.record import OwnDoing

M = TypeVar("M", bound=models.Model)


def own(arrival: Arrival, act: Callable[[], list[M]], *, kinds: tuple[str, ...] = ()) -> list[M]:
    """Do it, and note the events of it: of what it returns, at least one, and of the order in whose place that stands.

    `kinds`: those that its sender would be told of; all where none are named.
    """
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    done = act()
    kind, _pk = identify(done[0])
    replaced = {getattr(one, "replaces_id", None) for one in done} - {None}
    about = [*(identify(one)[1] for one in done), *map(str, replaced)]
    came = Event.objects.filter(pk__gt=newest, target_kind=kind, target_id__in=about, actor_id=str(arrival.by.id))
    came = came.filter(kind__in=kinds) if kinds else came
    OwnDoing.objects.bulk_create([OwnDoing(sender=arrival.sender, event=event) for event in came])
    return done
