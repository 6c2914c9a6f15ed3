"""Questions of safety and papers of an order."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris.accounts.once import once
from ris.core.errors import NotFound
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, require_somewhere
from ris.orders import actions, files, permissions
from ris.orders.forms import AnswerForm, OverrideForm, PaperForm, WithdrawForm
from ris.orders.opening import opened
from ris.orders.safety import KINDS
from ris.orders.views.loading import WORDS, answer_for, order_for, paper_for


@login_required
@require_http_methods(["GET", "POST"])
@once
def answer(request: SignedInRequest, order_id: int, kind: str) -> HttpResponse:
    """Answer one question for one order."""
    order = order_for(request, order_id, "order.answer")
    permissions.require_answer(request.user, order)
    if kind not in KINDS:
        raise NotFound("There is no such question.")
    today = timezone.localdate(timezone=order.site.zone)
    form = AnswerForm(request.POST or None, kind=kind, initial={"measured_on": today})
    if request.method == "POST" and form.is_valid():
        given = attempt(form, lambda: actions.answer_safety(order, answer=form.answer(), by=request.user))
        if given is not None:
            word = "It is a hard stop: the exam cannot begin." if given.stops else "The answer is kept."
            messages.success(request, word)
            return redirect("orders:detail", order_id=order.pk)
    context = {"form": form, "order": order, "about": KINDS[kind]}
    return render(request, "orders/answer.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
@once
def override(request: SignedInRequest, answer_id: int) -> HttpResponse:
    """A physician takes a hard stop upon themselves."""
    stop = answer_for(request, answer_id)
    permissions.require_override(request.user, stop.order)
    form = OverrideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.override_stop(stop, reason=reason, by=request.user)) is not None:
            messages.success(request, "Overridden under your name. The exam may begin.")
            return redirect("orders:detail", order_id=stop.order_id)
    context = {"form": form, "stop": stop, "order": stop.order}
    return render(request, "orders/override.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
@once
def attach(request: SignedInRequest, order_id: int) -> HttpResponse:
    """Keep a paper request."""
    order = order_for(request, order_id, "order.answer")
    permissions.require_answer(request.user, order)
    form = PaperForm(request.POST, request.FILES)
    if form.is_valid():
        paper = form.cleaned_data["file"]
        body = files.body_of(paper)
        if attempt(form, lambda: actions.attach(order, name=paper.name, body=body, by=request.user)):
            messages.success(request, "The paper is kept with the order.")
            return redirect("orders:detail", order_id=order.pk)
    return render(request, "orders/attach.html", {"paper_form": form, "order": order}, status=422)


@login_required
@require_http_methods(["GET", "POST"])
@once
def withdraw_paper(request: SignedInRequest, paper_id: int) -> HttpResponse:
    """The wrong paper: it is kept, and marked."""
    require_somewhere(request.user, "order.answer", WORDS["order.answer"])
    found = paper_for(request, paper_id)
    permissions.require_answer(request.user, found.order)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.withdraw_paper(found, reason=reason, by=request.user)) is not None:
            messages.success(request, "Withdrawn. It stays on record, marked.")
            return redirect("orders:detail", order_id=found.order_id)
    context = {"form": form, "paper": found, "order": found.order}
    return render(request, "orders/withdraw.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def paper(request: SignedInRequest, paper_id: int) -> HttpResponse:
    """The file, to be saved: never shown inside our pages, never run."""
    found = paper_for(request, paper_id)
    return opened(found, by=request.user)
