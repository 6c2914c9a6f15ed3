"""What was found in the archive, as the page and the API show it."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from reporting.finding.people import alike, written_of
from reporting.finding.query import Query
from reporting.finding.quoting import quote
from reporting.finding.search import PAGE, Found
from reporting.models import Report, ReportVersion
from reporting.moved.reading import told_of_moves
from ris.accounts.models import User


def rows_of(found: Found, query: Query, user: User) -> list[dict[str, Any]]:
    """The reports of a page with their newest version and the sentence that has the words."""
    reports = _shown(Report.objects.visible_to(user).filter(pk__in=found.reports))
    known = {report.pk: report for report in reports}
    return [_row(known[pk], query) for pk in found.reports if pk in known]


def _shown(reports: Any) -> Any:
    left = ReportVersion.objects.have_left()
    newest = left.select_related("signature").order_by("-number")
    rows = told_of_moves(reports.filter(Exists(left.filter(report=OuterRef("pk")))))
    rows = rows.select_related("task__patient__merged_into", "site", "template")
    return rows.prefetch_related(Prefetch("versions", newest, to_attr="newest_first"))


def _row(report: Report, query: Query) -> dict[str, Any]:
    version: ReportVersion = report.newest_first[0]  # type: ignore[attr-defined]  # the prefetch above
    said = quote(version.content, query)
    return {"report": report, "version": version, "quote": said, "sought": bool(said and query.wanted)}


def of_similar_people(text: str, user: User) -> list[dict[str, Any]]:
    """The newest reports of people whose name is like the text: names that were misspelt, or have changed."""
    reports = _shown(Report.objects.visible_to(user).filter(written_of(alike(text, user)))).order_by("-pk")[:PAGE]
    return [_row(report, Query()) for report in reports]
