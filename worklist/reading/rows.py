"""The rows of the reading list and the counts beside the saved filters, in a constant number of queries."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from ris.accounts.models import Site, User
from ris.dicom.models import MODALITIES
from ris.orders.models import PRIORITIES, Procedure
from worklist.lifecycle import READING
from worklist.lists import fingerprint
from worklist.models import ReadingTask
from worklist.reading.filters import SORTS, Filter
from worklist.reading.saved import SavedFilter

SHOWN = 200
MOST_SAVED = 12


def open_cases(user: User, chosen: Filter) -> QuerySet[ReadingTask]:
    """Open cases of one's sites that the filter lets through, in its order, with what the list shows."""
    matching = ReadingTask.objects.visible_to(user).filter(chosen.condition(user))
    rows = ReadingTask.objects.for_reading_list(user).filter(pk__in=matching.values("pk"))
    return rows.order_by(*SORTS[chosen.sort])


def reading_rows(user: User, chosen: Filter) -> dict[str, Any]:
    """What the live part of the list shows."""
    rows = list(open_cases(user, chosen)[:SHOWN])
    seen = [
        (task.pk, task.state, task.report_state, task.image_count, task.claimed_by_id, task.priority, task.urgency)
        for task in rows
    ]
    return {"tasks": rows, "filter": chosen, "version": fingerprint((chosen, seen)), "shown": SHOWN}


def saved_tabs(user: User, chosen: Filter) -> list[dict[str, Any]]:
    """The filters that the user may choose, each with how many cases it holds: one query for all counts."""
    saved = list(SavedFilter.objects.visible_to(user).select_related("site")[:MOST_SAVED])
    kept = {item.pk: Filter.of_query(item.query) for item in saved}
    cases = ReadingTask.objects.visible_to(user).filter(state__in=READING.groups["open"], held=False)
    counts = cases.aggregate(
        **{f"n{pk}": Count("pk", filter=found.condition(user), distinct=True) for pk, found in kept.items()}
    )
    return [
        {
            "saved": item,
            "query": kept[item.pk].query,
            "count": counts[f"n{item.pk}"],
            "current": kept[item.pk] == chosen,
            "own": item.owner_id == user.pk,
        }
        for item in saved
    ]


def choices(user: User) -> dict[str, Any]:
    """What the selects offer: sites where one reads, body parts of the catalogue."""
    parts = Procedure.objects.exclude(body_part="").order_by("body_part").values_list("body_part", flat=True)
    return {
        "priorities": PRIORITIES,
        "modalities": MODALITIES,
        "sites": list(Site.objects.filter(pk__in=user.sites_where("reading.list"))),
        "parts": list(parts.distinct()),
    }
