"""Keeping, sharing and dropping filters of the reading list."""

from __future__ import annotations

from django.db import transaction

from ris import audit
from ris.accounts.models import Site, User
from ris.core.errors import InvalidInput, NotPermitted
from worklist.reading.filters import Filter
from worklist.reading.saved import SavedFilter
from worklist.reading.staff import ReadingGroup

MOST = 50


@transaction.atomic
def keep_filter(
    chosen: Filter, *, name: str, by: User, site: Site | None = None, group: ReadingGroup | None = None
) -> SavedFilter:
    """Keep a filter under a name, also for a group or for all who read at a site; the same name takes its place.

    Raises InvalidInput without a name or with nothing narrowed, NotPermitted where one does not read.
    """
    if not name.strip():
        raise InvalidInput("Give the filter a name.", fields={"name": "A name is missing."})
    if not chosen.is_narrow:
        raise InvalidInput("Narrow the list first, then keep the filter.", fields={"name": "Nothing is narrowed."})
    shared = site.pk if site else group.site_id if group else None
    if shared is not None and not by.may("reading.list", shared):
        raise NotPermitted("Filters are shared at sites where one reads.")
    if SavedFilter.objects.filter(owner=by).count() >= MOST:
        raise InvalidInput(f"{MOST} filters are enough. Drop one first.", fields={"name": "Too many filters."})
    kept, _ = SavedFilter.objects.update_or_create(
        owner=by, name=name.strip()[:40], defaults={"site": site, "group": group, "query": chosen.query}
    )
    audit.record("filter.kept", kept, by=by, shared=shared is not None)
    return kept


@transaction.atomic
def drop_filter(kept: SavedFilter, *, by: User) -> None:
    """Only its owner drops a filter; NotPermitted for others."""
    if kept.owner_id != by.pk:
        raise NotPermitted("Only who made this filter can drop it.")
    audit.record("filter.dropped", kept, by=by)
    kept.delete()
