"""One process at a time works on a delivery; a killed one holds it for two minutes at most."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from ris.core.actors import SystemActor
from ris.events.errors import DeliveryError
from worklist.lifecycle import OUTSIDE
from worklist.outside.rows import OutsideImport

MATCHER = SystemActor("matcher")
LEASE = timedelta(seconds=120)


def hold(row: OutsideImport) -> None:
    now = timezone.now()
    free = Q(working_until__isnull=True) | Q(working_until__lt=now)
    rows = OutsideImport.objects.filter(free, pk=row.pk, state__in=OUTSIDE.groups["working"])
    if rows.update(working_until=now + LEASE) != 1:
        raise DeliveryError("Another process works on this delivery just now.")


def still(row: OutsideImport) -> None:
    OutsideImport.objects.filter(pk=row.pk).update(working_until=timezone.now() + LEASE)


def let_go(row: OutsideImport, problem: str) -> None:
    OutsideImport.objects.filter(pk=row.pk).update(working_until=None, problem=problem[:255])
