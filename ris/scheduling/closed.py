"""What closes or keeps the rooms of some sites, and what of it is not over yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from ris.accounts.models import Site
from ris.scheduling.models import Block, Closure, Holiday

CLOSING: Final[dict[str, Any]] = {"closure": Closure, "block": Block, "holiday": Holiday}


def closing(kind: str, sites: Iterable[Site]) -> QuerySet[Any]:
    """All rows of a kind (a key of CLOSING) at these sites."""
    if kind == "holiday":
        return Holiday.objects.filter(site__in=list(sites)).select_related("site")
    rows: QuerySet[Any] = CLOSING[kind].objects.filter(resource__site__in=list(sites))
    return rows.select_related("resource__site")


def coming(kind: str, sites: Iterable[Site]) -> QuerySet[Any]:
    """Those that are not over; a holiday is over when its day is, at its site."""
    sites = list(sites)
    rows = closing(kind, sites)
    if kind != "holiday":
        return rows.filter(end__gte=timezone.now())
    found = Q(pk__in=[])
    for site in sites:
        found |= Q(site=site, day__gte=timezone.localdate(timezone=site.zone))
    return rows.filter(found)
