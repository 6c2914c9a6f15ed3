"""Placing, finding and reading orders."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ris import audit
from ris.accounts.once import once
from ris.core import panels
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.orders import actions, permissions
from ris.orders.forms import OrderForm, PaperForm, SafetyForm
from ris.orders.history import history_of
from ris.orders.lifecycle import ORDER, PROTOCOL
from ris.orders.models import SIDES, Order, RequestedProcedure
from ris.orders.questions import earlier_answers, kinds_for, questions_of
from ris.orders.referrers import search
from ris.orders.safety import KINDS
from ris.orders.views.loading import WORDS, order_for
from ris.patients.models import Patient

PAGE = 25


@login_required
@require_GET
def order_list(request: SignedInRequest) -> HttpResponse:
    """Orders of one's sites, newest first; by accession number, or those that a radiologist sent back."""
    require_somewhere(request.user, "order.view", WORDS["order.view"])
    text, returned = request.GET.get("q", "").strip(), request.GET.get("protocol") == "returned"
    orders = Order.objects.visible_to(request.user).select_related("patient__merged_into", "site")
    if text:
        orders = orders.filter(procedures__accession_number__istartswith=text).distinct()
    if returned:
        waiting = PROTOCOL.groups["returned"]
        orders = orders.filter(procedures__protocol__state__in=waiting, state__in=ORDER.groups["open"]).distinct()
    procedures = RequestedProcedure.objects.select_related("procedure")
    page = Paginator(orders.prefetch_related(Prefetch("procedures", procedures)), PAGE)
    context = {
        "page_obj": page.get_page(request.GET.get("page")),
        "q": text,
        "returned": returned,
        "may_protocol": request.user.may("order.protocol", None),
    }
    return render(request, "orders/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once
def place(request: SignedInRequest, patient_id: int) -> HttpResponse:
    """Order procedures for a patient."""
    require_somewhere(request.user, "order.place", WORDS["order.place"])
    patient = get_or_404(Patient.objects.visible_to(request.user), patient_id)
    form = OrderForm(request.POST or None, user=request.user, patient=patient)
    safety = SafetyForm(request.POST or None, kinds=KINDS, before=earlier_answers(patient), zone=form.zone)
    if request.method == "POST" and form.is_valid() & safety.is_valid():
        order = attempt(form, lambda: _place(patient, form, safety, request))
        if order is not None:
            messages.success(request, "The order is placed. Book it into a room.")
            return redirect("orders:detail", order_id=order.pk)
    context = {"form": form, "safety": safety, "patient": patient, "sides": SIDES}
    return render(request, "orders/place.html", context, status=422 if form.errors or safety.errors else 200)


@transaction.atomic
def _place(patient: Patient, form: OrderForm, safety: SafetyForm, request: SignedInRequest) -> Order:
    """The order with what was answered: both, or neither. Answers to what its exams do not ask are left."""
    data = form.cleaned_data
    order = actions.place_order(
        patient, site=data["site"], procedures=list(data["procedures"]), details=form.details(), by=request.user,
        sides=form.sides(),
    )  # fmt: skip
    if given := safety.answers(kinds_for(data["procedures"], order.patient)):
        actions.answer_all(order, given, by=request.user)
    return order


@login_required
@require_GET
def detail(request: SignedInRequest, order_id: int) -> HttpResponse:
    """One order: what is asked, what was answered, what was done, and by whom."""
    order = order_for(request, order_id, "order.view")
    audit.record("order.opened", order, by=request.user, patient=order.patient)
    context = {
        "order": order,
        "procedures": order.procedures.select_related("procedure", "protocol"),
        "questions": questions_of(order),
        "papers": order.attachments.all(),
        "paper_form": PaperForm(),
        "history": history_of(order),
        "lead": panels.collect("order-lead", order, request.user),
        "panels": panels.collect("order", order, request.user),
        "replacing": order.replaced_by.order_by("pk"),
        **_rights(request, order),
    }
    return render(request, "orders/detail.html", context)


def _rights(request: SignedInRequest, order: Order) -> dict[str, Any]:
    """What this person may do with the order now: only legal verbs become buttons."""
    user, is_open = request.user, ORDER.within(order, "open")
    may_change = permissions.may_modify(user, order)
    return {
        "may_modify": may_change and ORDER.allows(order, "modify"),
        "may_replace": may_change and ORDER.allows(order, "replace"),
        "may_cancel": permissions.may_cancel(user, order) and ORDER.allows(order, "cancel"),
        "may_discontinue": permissions.may_discontinue(user, order) and ORDER.allows(order, "discontinue"),
        "may_answer": permissions.may_answer(user, order) and is_open,
        "may_attach": permissions.may_answer(user, order),
        "may_override": permissions.may_override(user, order),
        "may_protocol": permissions.may_protocol(user, order) and is_open,
    }


@login_required
@require_GET
def referrers(request: SignedInRequest) -> HttpResponse:
    """Names of the directory for what was typed so far."""
    require_somewhere(request.user, "order.place", WORDS["order.place"])
    found = search(request.GET.get("referrer_name", "")[:200])
    return render(request, "orders/_referrer_options.html", {"referrers": found})
