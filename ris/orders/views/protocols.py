"""Protocolling: what waits for a radiologist's decision."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris import audit
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, require_somewhere
from ris.orders import actions, permissions
from ris.orders.forms import ApproveForm, ReturnForm
from ris.orders.lifecycle import PROTOCOL
from ris.orders.models import Protocol
from ris.orders.questions import questions_of
from ris.orders.views.loading import WORDS, protocol_for
from ris.orders.waiting import to_protocol

PAGE = 25


@login_required
@require_GET
def protocol_list(request: SignedInRequest) -> HttpResponse:
    """What waits, most urgent and oldest first."""
    require_somewhere(request.user, "order.protocol", WORDS["order.protocol"])
    page = Paginator(to_protocol(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/protocols.html", {"page_obj": page})


@login_required
@require_http_methods(["GET", "POST"])
def protocol(request: SignedInRequest, protocol_id: int) -> HttpResponse:
    """Approve one, with its text."""
    found = protocol_for(request, protocol_id, "order.protocol")
    permissions.require_protocol(request.user, found.requested_procedure.order)
    form = ApproveForm(request.POST or None, initial={"text": found.text})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if attempt(form, lambda: actions.decide_protocol(found, text=text, by=request.user)) is not None:
            messages.success(request, "Approved. The device gets the protocol with its worklist entry.")
            return redirect("orders:protocols")
    return _page(request, found, form, ReturnForm())


@login_required
@require_POST
def send_back(request: SignedInRequest, protocol_id: int) -> HttpResponse:
    """To the desk, with a reason."""
    found = protocol_for(request, protocol_id, "order.protocol")
    permissions.require_protocol(request.user, found.requested_procedure.order)
    form = ReturnForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.return_protocol(found, reason=reason, by=request.user)) is not None:
            messages.success(request, "Sent back. The desk sees your reason.")
            return redirect("orders:protocols")
    return _page(request, found, ApproveForm(initial={"text": found.text}), form)


@login_required
@require_POST
def ask_again(request: SignedInRequest, protocol_id: int) -> HttpResponse:
    """The desk has done what was asked."""
    found = protocol_for(request, protocol_id, "order.place")
    actions.ask_protocol_again(found, by=request.user)
    messages.success(request, "The radiologist looks at it again.")
    return redirect("orders:detail", order_id=found.requested_procedure.order_id)


def _page(request: SignedInRequest, found: Protocol, form: ApproveForm, back: ReturnForm) -> HttpResponse:
    order = found.requested_procedure.order
    if request.method == "GET":
        audit.record("order.opened", order, by=request.user, patient=order.patient)
    context = {
        "protocol": found,
        "requested": found.requested_procedure,
        "order": order,
        "form": form,
        "return_form": back,
        "questions": questions_of(order),
        "papers": order.attachments.all(),
        "may_return": PROTOCOL.allows(found, "return"),
    }
    return render(request, "orders/protocol.html", context, status=422 if form.errors or back.errors else 200)
