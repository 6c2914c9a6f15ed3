"""Printing: a PDF in its own tab, written down before it is shown."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from ris.accounts.models import Site
from ris.core.errors import NotFound
from ris.core.http import SignedInRequest, get_or_404, pdf_answer, require_somewhere
from ris.orders.models import Order
from ris.printing import actions, contents, permissions
from ris.printing.forms import MediumForm
from ris.printing.models import KINDS
from ris.scheduling.board import site_and_day, visits_of
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment

WORDS = "Slips, labels and wristbands are printed by clerks and technologists."


@login_required
@require_POST
def appointment(request: SignedInRequest, appointment_id: int, kind: str) -> HttpResponse:
    """The papers of one appointment."""
    require_somewhere(request.user, "paper.print", WORDS)
    visible = Appointment.objects.visible_to(request.user).select_related("patient", "resource", "site")
    found = get_or_404(visible, appointment_id)
    permissions.require_print(request.user, found.site_id)
    papers = contents.of_appointment(_known(kind), found)
    return pdf_answer(actions.print_papers(papers, site=found.site, by=request.user), f"{kind}.pdf", shown=True)


@login_required
@require_POST
def order(request: SignedInRequest, order_id: int, kind: str) -> HttpResponse:
    """The papers of one order."""
    require_somewhere(request.user, "paper.print", WORDS)
    found = get_or_404(Order.objects.visible_to(request.user).select_related("patient", "site"), order_id)
    permissions.require_print(request.user, found.site_id)
    papers = contents.of_order(_known(kind), found)
    return pdf_answer(actions.print_papers(papers, site=found.site, by=request.user), f"{kind}.pdf", shown=True)


@login_required
@require_GET
def day(request: SignedInRequest) -> HttpResponse:
    """Everybody who comes on a day, to choose whose papers are printed."""
    require_somewhere(request.user, "paper.print", WORDS)
    site, shown = site_and_day(request.user, request.GET.get("site", ""), request.GET.get("day", ""))
    permissions.require_print(request.user, site.pk)
    visits = [visit for visit in visits_of(site, shown, shown) if APPOINTMENT.within(visit.appointment, "holding")]
    sites = Site.objects.filter(pk__in=request.user.sites_where("paper.print"))
    context = {"site": site, "day": shown, "visits": visits, "sites": sites, "medium": MediumForm()}
    return render(request, "printing/day.html", context)


@login_required
@require_POST
def batch(request: SignedInRequest, kind: str) -> HttpResponse:
    """One kind of paper for everybody who was chosen."""
    require_somewhere(request.user, "paper.print", WORDS)
    site, _day = site_and_day(request.user, request.POST.get("site", ""), "")
    permissions.require_print(request.user, site.pk)
    chosen = [int(pk) for pk in request.POST.getlist("appointment") if pk.isdecimal() and len(pk) < 19]
    rows = Appointment.objects.visible_to(request.user).filter(site=site, pk__in=chosen[: actions.MOST])
    found = rows.select_related("patient", "resource", "site").order_by("start", "pk")
    papers = contents.of_appointments(_known(kind), found)
    medium = MediumForm(request.POST).medium()
    pdf = actions.print_papers(papers, site=site, by=request.user, medium=medium)
    return pdf_answer(pdf, f"{kind}.pdf", shown=True)


def _known(kind: str) -> str:
    if kind not in dict(KINDS):
        raise NotFound("There is no such paper.")
    return kind
