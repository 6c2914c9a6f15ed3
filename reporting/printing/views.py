"""Choosing reports to print, by ward and day, and the one file that the printer gets."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from reporting.models import Report, ReportVersion
from reporting.moved.reading import told_of_moves
from reporting.printing.actions import MOST, print_reports
from ris.accounts.days import newest_day
from ris.accounts.models import Site, User
from ris.core.http import SignedInRequest, pdf_answer, require_somewhere
from ris.scheduling.models import ScheduledProcedureStep
from worklist.models import ReadingTask

FOR_READERS = "Reports are for those who treat or read."
LOOK_BACK = timedelta(days=30)


def released(user: User) -> QuerySet[Report]:
    rows = told_of_moves(Report.objects.visible_to(user).released())
    return rows.select_related("task__patient__merged_into", "site", "template").order_by("-pk")


@login_required
@require_GET
def to_print(request: SignedInRequest) -> HttpResponse:
    """The reports of a ward, signed on a day or since then."""
    require_somewhere(request.user, "report.view", FOR_READERS)
    day = _day(request.GET.get("since", "")) or newest_day()
    ward = request.GET.get("ward", "").strip()
    rows = list(since(day, request.user, ward)[: MOST + 1])
    context = {"rows": rows[:MOST], "since": day, "ward": ward, "wards": wards_of(request.user)}
    return render(request, "reporting/to_print.html", context | {"most": MOST, "cut": len(rows) > MOST})


def since(day: date, user: User, ward: str = "") -> QuerySet[Report]:
    """Reports of which a version that has left was signed on that day or later, by the clock of its site; of a ward."""
    signed = Q()
    for site in Site.objects.filter(pk__in=user.sites_where("report.view")):
        signed |= Q(report__site=site, created_at__gte=datetime.combine(day, time(), site.zone))
    versions = ReportVersion.objects.have_left().filter(signed) if signed else ReportVersion.objects.none()
    rows = released(user).filter(Exists(versions.filter(report=OuterRef("pk"))))
    if ward:
        steps = ScheduledProcedureStep.objects.filter(ward=ward)
        rows = rows.filter(task__in=ReadingTask.objects.filter(requested_procedures__steps__in=steps).values("pk"))
    return rows


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def wards_of(user: User) -> list[str]:
    """Where steps of the last weeks were done, at the sites whose reports the user reads."""
    steps = ScheduledProcedureStep.objects.filter(site__in=user.sites_where("report.view")).exclude(ward="")
    recent = steps.filter(changed_at__gte=timezone.now() - LOOK_BACK)
    return list(recent.order_by("ward").values_list("ward", flat=True).distinct())


@login_required
@require_POST
def printed(request: SignedInRequest) -> HttpResponse:
    """The chosen reports in one file; marked is what was printed before, and what lost images since."""
    require_somewhere(request.user, "report.view", FOR_READERS)
    keys = [int(key) for key in request.POST.getlist("report") if key.isdecimal() and len(key) < 19]
    rows = list(released(request.user).filter(pk__in=keys))
    return pdf_answer(print_reports(rows, by=request.user), "reports.pdf", shown=True)
