"""The rows of the reading list and the counts beside its tabs, in a constant number of queries."""

from __future__ import annotations

from typing import Any, Final, TypedDict

from django.db import connection
from django.db.models import Count, QuerySet

from ris.accounts.models import Site, User
from ris.dicom.models import MODALITIES
from ris.orders.models import PRIORITIES, Procedure
from worklist import permissions
from worklist.lifecycle import READING
from worklist.lists import fingerprint
from worklist.models import ReadingTask
from worklist.reading import filters
from worklist.reading.facets import IMAGES
from worklist.reading.filters import SORTS, Filter
from worklist.reading.saved import SavedFilter
from worklist.reading.staff import ReadingGroup

SHOWN = 200
MOST_SAVED = 12
# Address, words, key of the tabs that everybody has.
TABS: Final = (
    ("whose=unread", "Unread", "u"),
    ("whose=mine", "Mine", "m"),
    ("assigned=me", "For me", "f"),
    ("whose=preliminary", "To confirm", "c"),
    ("", "All", "a"),
)

BY_STATE: Final = {"u": "unread", "c": "to_confirm", "a": "open"}


def open_tasks(user: User) -> QuerySet[ReadingTask]:
    """The open cases of one's sites; nothing of the archive behind them is touched.

    SQLite's statistics know no frequent values: after ANALYZE it would rather read a million closed cases than use the
    index. There the keys come first, from the index alone.
    """
    rows = ReadingTask.objects.visible_to(user).filter(state__in=READING.groups["open"], held=False)
    if connection.vendor != "sqlite":
        return rows
    return ReadingTask.objects.filter(pk__in=rows.order_by().values("pk")).order_by(*SORTS[""])


def open_cases(user: User, chosen: Filter) -> QuerySet[ReadingTask]:
    """Open cases of one's sites that the filter lets through, in its order, with what the list shows."""
    rows = ReadingTask.objects.for_reading_list(user).filter(chosen.condition(user))
    return rows.order_by(*SORTS[chosen.sort])


def next_cases(user: User, chosen: Filter) -> QuerySet[ReadingTask]:
    """Those that "next case" chooses from: what waits for somebody else stays theirs, unless the filter asks for it."""
    found = open_tasks(user).filter(chosen.condition(user))
    if not chosen.assigned:
        found = found.filter(filters.not_kept_for_others(user))
    return found.order_by(*SORTS[chosen.sort])


def reading_rows(user: User, chosen: Filter) -> dict[str, Any]:
    """What the live part of the list shows. First the keys of a page, then that page alone with all around it."""
    keys = list(
        open_tasks(user).filter(chosen.condition(user)).order_by(*SORTS[chosen.sort]).values_list("pk", flat=True)
        [: SHOWN + 1]
    )  # fmt: skip
    found = ReadingTask.objects.for_reading_list(user).in_bulk(keys[:SHOWN])
    rows = [found[pk] for pk in keys[:SHOWN] if pk in found]
    return {
        "tasks": rows,
        "filter": chosen,
        "version": fingerprint((chosen, [_seen(task) for task in rows])),
        "shown": SHOWN,
        "more": len(keys) > SHOWN,
        "may_assign": user.sites_where("reading.assign"),
    }


def _seen(task: ReadingTask) -> tuple[object, ...]:
    return (task.pk, task.changed_at, task.state, task.claimed_by_id, task.priority, task.urgency, task.paused_minutes)


def tabs(user: User, chosen: Filter) -> dict[str, Any]:
    """The tabs of everybody and the filters that the user may choose, each with its count; five queries."""
    saved = list(SavedFilter.objects.visible_to(user).select_related("site", "group", "owner")[:MOST_SAVED])
    kept = {f"n{item.pk}": Filter.of_query(item.query) for item in saved}
    fixed, counts = fixed_counts(user), saved_counts(user, kept)
    named = [(item.pk, item.name) for item in saved]
    return {
        "tabs_version": fingerprint((chosen, fixed, counts, named)),
        "tabs": [
            {"query": query, "words": words, "key": key, "count": fixed[key],
             "current": Filter.of_query(query) == chosen}
            for query, words, key in TABS
        ],
        "saved_tabs": [
            {"saved": item, "query": kept[f"n{item.pk}"].query, "count": counts[f"n{item.pk}"],
             "current": kept[f"n{item.pk}"] == chosen, "own": item.owner_id == user.pk}
            for item in saved
        ],
    }  # fmt: skip


def fixed_counts(user: User) -> dict[str, int]:
    """By key of the tab, each from an index alone: the rows of ten thousand cases are not read for it."""
    by_state = dict(open_tasks(user).order_by().values_list("state").annotate(n=Count("pk")))
    mine = open_tasks(user).filter(claimed_by=user, state__in=READING.groups["mine"]).count()
    for_me = open_tasks(user).filter(assigned_to=user).count()
    grouped = {key: sum(by_state.get(state, 0) for state in READING.groups[name]) for key, name in BY_STATE.items()}
    return grouped | {"m": mine, "f": for_me}


def saved_counts(user: User, kept: dict[str, Filter]) -> dict[str, int]:
    """One query for all filters that are kept."""
    wanted = {name: Count("pk", filter=found.condition(user)) for name, found in kept.items()}
    return open_tasks(user).aggregate(**wanted) if wanted else {}


def choices(user: User) -> dict[str, Any]:
    """What the selects offer: sites where one reads, body parts of the catalogue, readers and groups."""
    parts = Procedure.objects.exclude(body_part="").order_by("body_part").values_list("body_part", flat=True)
    sites = user.sites_where("reading.list")
    return {
        "priorities": PRIORITIES,
        "modalities": MODALITIES,
        "sites": list(Site.objects.filter(pk__in=sites)),
        "parts": list(parts.distinct()),
        "images": IMAGES,
        "readers": [{"number": str(one.pk), "name": one.display} for one in readers_at(sites)],
        "groups": [{"number": str(one.pk), "name": one.name} for one in ReadingGroup.objects.visible_to(user)],
    }


class Audience(TypedDict, total=False):
    """For whom a filter is kept; empty: for oneself."""

    site: Site
    group: ReadingGroup


def audience(user: User, written: str) -> Audience:
    """As the list's form writes it: a site's number, or g3 for a group; what one cannot choose is oneself."""
    number = written.removeprefix("g")
    if not number.isdecimal() or len(number) > 18:
        return {}
    if written.startswith("g"):
        group = ReadingGroup.objects.visible_to(user).filter(pk=number).first()
        return {"group": group} if group else {}
    site = Site.objects.filter(pk__in=user.sites_where("reading.list")).filter(pk=number).first()
    return {"site": site} if site else {}


def readers_at(sites: frozenset[int]) -> list[User]:
    """Everybody who reads at one of the sites, by name."""
    rows = User.objects.filter(is_active=True, memberships__site__in=sites)
    found = rows.filter(memberships__role__in=permissions.READING_ROLES).distinct()
    return sorted(found, key=lambda user: user.display.casefold())
