"""Modify, replace, cancel, discontinue."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ris.accounts.once import once
from ris.core.forms import attempt
from ris.core.http import SignedInRequest
from ris.orders import actions, permissions
from ris.orders.actions import Replacement
from ris.orders.forms import CancelForm, DiscontinueForm, ModifyForm, ReplaceForm
from ris.orders.models import SIDES, Order
from ris.orders.views.loading import order_for


@login_required
@require_http_methods(["GET", "POST"])
@once
def modify(request: SignedInRequest, order_id: int) -> HttpResponse:
    """Priority, reason, question, referrer."""
    order = order_for(request, order_id, "order.place")
    permissions.require_modify(request.user, order)
    form = ModifyForm(request.POST or None, order=order)
    if request.method == "POST" and form.is_valid():
        revision = form.cleaned_data["revision"]
        done = attempt(
            form, lambda: actions.modify_order(order, details=form.details(), revision=revision, by=request.user)
        )
        if done is not None:
            messages.success(request, "The order is changed. Its worklist entry follows.")
            return redirect("orders:detail", order_id=order.pk)
    return render(request, "orders/modify.html", {"form": form, "order": order}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once
def replace(request: SignedInRequest, order_id: int) -> HttpResponse:
    """Another order in its place."""
    order = order_for(request, order_id, "order.place")
    permissions.require_modify(request.user, order)
    form = ReplaceForm(request.POST or None, order=order, initial=_procedures_of(order))
    if request.method == "POST" and form.is_valid():
        new = attempt(form, lambda: actions.replace_order(order, instead=_instead(form), by=request.user))
        if new is not None:
            messages.success(request, "Replaced. The new order waits to be scheduled.")
            return redirect("orders:detail", order_id=new.pk)
    context = {"form": form, "order": order, "sides": SIDES}
    return render(request, "orders/replace.html", context, status=422 if form.errors else 200)


def _procedures_of(order: Order) -> dict[str, object]:
    rows = list(order.procedures.select_related("procedure"))
    return {
        "procedures": [row.procedure_id for row in rows],
        "sides": {row.procedure.code: row.laterality for row in rows},
    }


def _instead(form: ReplaceForm) -> Replacement:
    data = form.cleaned_data
    return Replacement(
        procedures=list(data["procedures"]), details=form.details(), reason=data["why"], sides=form.sides()
    )


@login_required
@require_http_methods(["GET", "POST"])
@once
def cancel(request: SignedInRequest, order_id: int) -> HttpResponse:
    """Cancel with a reason."""
    order = order_for(request, order_id, "order.cancel")
    permissions.require_cancel(request.user, order)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.cancel_order(order, reason=reason, by=request.user)) is not None:
            messages.success(request, "The order is cancelled and its bookings are free.")
            return redirect("orders:detail", order_id=order.pk)
    return render(request, "orders/cancel.html", {"form": form, "order": order}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once
def discontinue(request: SignedInRequest, order_id: int) -> HttpResponse:
    """Break off what has begun."""
    order = order_for(request, order_id, "order.discontinue")
    permissions.require_discontinue(request.user, order)
    form = DiscontinueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.discontinue_order(order, reason=reason, by=request.user)) is not None:
            messages.success(request, "The order is discontinued. What was taken is still read.")
            return redirect("orders:detail", order_id=order.pk)
    context = {"form": form, "order": order}
    return render(request, "orders/discontinue.html", context, status=422 if form.errors else 200)
