"""Which autotexts a report's editor is given, and which of several with one keyword counts."""

from __future__ import annotations

from reporting.autotext.record import Autotext
from reporting.models import Report
from ris.accounts.models import User


def rank(one: Autotext) -> tuple[bool, bool, int]:
    """One for this exam outweighs one for all, then one for the section, then: mine, my group's, my site's."""
    whose = 3 if one.owner_id else 2 if one.group_id else 1 if one.site_id else 0
    return one.procedure_id is not None, bool(one.section), whose


def autotexts_for(report: Report, user: User) -> list[dict[str, str]]:
    """All that fit the report's site and exams, the ones that count first: {"keyword", "section", "text"}."""
    exams = report.task.requested_procedures.values("procedure")
    rows = Autotext.objects.visible_to(user)
    fitting = rows.filter(procedure=None) | rows.filter(procedure__in=exams)
    of_site = [one for one in fitting.distinct().select_related("group") if _site(one) in (None, report.site_id)]
    found = sorted(of_site, key=rank, reverse=True)
    return [{"keyword": one.keyword, "section": one.section, "text": one.text} for one in found]


def _site(one: Autotext) -> int | None:
    """The site that an autotext is for, itself or by its group; None for any."""
    return one.group.site_id if one.group else one.site_id
