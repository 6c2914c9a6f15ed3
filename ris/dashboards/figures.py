"""What a dashboard shows for a site, a modality and a period: a fixed number of queries, over days and open cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Q, Sum
from django.utils import timezone

from ris.accounts.days import newest_day
from ris.accounts.models import Site, User
from ris.dashboards import histogram
from ris.dashboards.models import ExamDay, RoomDay
from ris.dashboards.stages import STAGES
from ris.dicom.models import MODALITIES
from worklist.lifecycle import READING
from worklist.models import ReadingTask

PERIODS: Final = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year"}
USUAL: Final = "30"
SHARES: Final = (0.5, 0.75, 0.9, 0.95)
WEEKLY_FROM: Final = 60
"""Periods longer than this are told by weeks."""
AGES: Final = ((1, "Under an hour"), (4, "1 to 4 hours"), (24, "4 to 24 hours"), (72, "1 to 3 days"),
               (168, "3 to 7 days"), (None, "Over a week"))  # fmt: skip

ROOM_COLUMNS: Final = ("Room", "Booked (%)", "Used (%)", "Open (min)", "Booked (min)", "Used (min)")


@dataclass(frozen=True, slots=True)
class Asked:
    """`site` is the number of one, `modality` a code; "" means all that the user may see."""

    site: str = ""
    modality: str = ""
    period: str = USUAL

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Asked:
        """What an address says; what it says wrongly is left out."""
        site, modality, period = (str(data.get(name, "")) for name in ("site", "modality", "period"))
        return cls(
            site if site.isascii() and site.isdecimal() and len(site) < 19 else "",
            modality if modality in dict(MODALITIES) else "",
            period if period in PERIODS else USUAL,
        )

    def condition(self) -> Q:
        last = newest_day()
        found = Q(day__gt=last - timedelta(days=int(self.period)), day__lte=last)
        found &= Q(site_id=self.site) if self.site else Q()
        return found & (Q(modality=self.modality) if self.modality else Q())


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are what is plotted and what the CSV holds; the first column names the row."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def tables(user: User, asked: Asked) -> list[Table]:
    """Everything of the page, in its order."""
    days = list(ExamDay.objects.visible_to(user).filter(asked.condition()))
    rooms = RoomDay.objects.visible_to(user).filter(asked.condition())
    return [turnaround(days), volumes(days, asked), ageing(user, asked), *_visits(rooms)]


def turnaround(days: Iterable[ExamDay]) -> Table:
    """Percentiles of each stage, in minutes."""
    days, rows = list(days), []
    for stage in STAGES:
        held = histogram.added(day.stages.get(stage.key, {}) for day in days)
        found = [histogram.percentile(held, share) for share in SHARES]
        rows.append((stage.words, histogram.count(held), *(None if one is None else round(one, 1) for one in found)))
    columns = ("Stage", "Exams", *(f"p{share * 100:.0f} (min)" for share in SHARES))
    return Table("turnaround", "Turnaround by stage", columns, rows)


def volumes(days: Iterable[ExamDay], asked: Asked) -> Table:
    """Ordered, performed and signed by day, or by week where the period is long."""
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    weekly = int(asked.period) > WEEKLY_FROM
    for row in days:
        begin = row.day - timedelta(days=row.day.weekday()) if weekly else row.day
        for place, value in enumerate((row.ordered, row.performed, row.signed)):
            sums[begin][place] += value
    rows = [(f"{begin:%Y-%m-%d}", *values) for begin, values in sorted(sums.items())]
    return Table("volumes", "Volumes", ("Week from" if weekly else "Day", "Ordered", "Performed", "Signed"), rows)


def ageing(user: User, asked: Asked) -> Table:
    """How long the open cases have been waiting for their report, by priority of need; now, not in the period."""
    now = timezone.now()
    cases = ReadingTask.objects.filter(site__in=user.sites_where("figures.view"), state__in=READING.groups["open"])
    cases = cases.filter(held=False)
    if asked.site:
        cases = cases.filter(site_id=int(asked.site))
    if asked.modality:
        cases = cases.filter(modalities__contains=f"|{asked.modality}|")
    bounds = [None if hours is None else now - timedelta(hours=hours) for hours, _words in AGES]
    older = [None, *bounds[:-1]]
    spans = {
        f"a{number}": (Q(created_at__gt=young) if young else Q()) & (Q(created_at__lte=old) if old else Q())
        for number, (old, young) in enumerate(zip(older, bounds, strict=True))
    }
    found = cases.aggregate(
        **{name: Count("pk", filter=span) for name, span in spans.items()},
        **{f"{name}u": Count("pk", filter=span & Q(due_at__lt=now)) for name, span in spans.items()},
    )
    rows = [(words, found[f"a{number}"], found[f"a{number}u"]) for number, (_hours, words) in enumerate(AGES)]
    return Table("ageing", "Open cases by age", ("Age", "Open", "Overdue"), rows)


def _visits(rooms: Any) -> list[Table]:
    """Who did not come, and how far rooms are used."""
    sums = ("open_minutes", "booked_minutes", "used_minutes", "visits", "missed", "cancelled")
    grouped = rooms.order_by("room__site__name", "room__name").values("room__site__code", "room__name")
    found = list(grouped.annotate(**{f"n_{name}": Sum(name) for name in sums}))
    names = [f"{row['room__name']} ({row['room__site__code']})" for row in found]
    pairs = list(zip(names, found, strict=True))
    missed = [
        (name, row["n_visits"], row["n_missed"], _share(row["n_missed"], row["n_visits"]), row["n_cancelled"])
        for name, row in pairs
    ]
    used = [
        (name, *(_share(part, row["n_open_minutes"]) for part in _taken(row)), row["n_open_minutes"], *_taken(row))
        for name, row in pairs
    ]
    return [
        Table("no-shows", "No-shows", ("Room", "Visits", "Missed", "Missed (%)", "Cancelled"), missed),
        Table("rooms", "Use of rooms", ROOM_COLUMNS, used),
    ]


def _taken(row: Mapping[str, int]) -> tuple[int, int]:
    return row["n_booked_minutes"], row["n_used_minutes"]


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def sites_of(user: User) -> list[Site]:
    return list(Site.objects.filter(pk__in=user.sites_where("figures.view")))
