"""Messages that go out: where each stands, what was answered, and sending again."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ris import audit
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.hl7.outgoing import actions
from ris.hl7.outgoing.forms import SetAsideForm
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.models import MANAGE, OutgoingMessage
from ris.hl7.outgoing.panel import standings
from ris.hl7.outgoing.reading import body_text, waits_for

PAGE = 50
WORDS = {
    "queued": "Queued",
    "sending": "Being sent",
    "parked": "Parked",
    "accepted": "Accepted",
    "set-aside": "Set aside",
}
# As a delivery in the same state looks.
LOOKS = {"queued": "pending", "sending": "leased", "parked": "parked", "accepted": "done", "set-aside": "cancelled"}


def _require(request: SignedInRequest) -> None:
    require_somewhere(request.user, MANAGE, "Messages to other systems are for administrators.")


@login_required
@require_GET
def outgoing(request: SignedInRequest) -> HttpResponse:
    """All of one's sites, newest first, by state."""
    _require(request)
    state = request.GET.get("state", "")
    visible = OutgoingMessage.objects.visible_to(request.user)
    rows = visible.select_related("destination__site", "event").defer("body", "answer")
    if state in OUTGOING.states:
        rows = rows.filter(state=state)
    counts = dict(visible.order_by().values_list("state").annotate(n=Count("pk")))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    tabs = [(name, words, counts.get(name, 0)) for name, words in WORDS.items()]
    rows_and_words = [(row, LOOKS[row.state], WORDS[row.state]) for row in page]
    context = {"page_obj": page, "rows": rows_and_words, "tabs": tabs, "state": state}
    return render(request, "hl7/outgoing.html", context | {"standings": standings(request.user)})


@login_required
@require_GET
def message(request: SignedInRequest, message_id: int) -> HttpResponse:
    """One message with its answer; opening it is audited, since it names a patient."""
    _require(request)
    found = _visible(request, message_id)
    audit.record("hl7.opened", found, by=request.user, patient=found.patient_id or None, control_id=found.control_id)
    return _page(request, found, SetAsideForm())


def _page(request: SignedInRequest, found: OutgoingMessage, form: SetAsideForm, status: int = 200) -> HttpResponse:
    context = {
        "message": found,
        "look": LOOKS[found.state],
        "words": WORDS[found.state],
        "body": body_text(found),
        "ahead": waits_for(found),
        "form": form,
        "may_send": OUTGOING.allows(found, "resend") or OUTGOING.allows(found, "replay"),
        "may_set_aside": OUTGOING.allows(found, "set-aside"),
    }
    return render(request, "hl7/outgoing_message.html", context, status=status)


@login_required
@require_POST
def send_again(request: SignedInRequest, message_id: int) -> HttpResponse:
    """The same bytes once more."""
    _require(request)
    found = actions.send_again(_visible(request, message_id), by=request.user)
    messages.success(request, "It is in the queue again, with the same number (MSH-10).")
    return redirect("hl7:outgoing-message", message_id=found.pk)


@login_required
@require_POST
def set_aside(request: SignedInRequest, message_id: int) -> HttpResponse:
    """It is not sent; what waited behind it goes on."""
    _require(request)
    found, form = _visible(request, message_id), SetAsideForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.set_aside(found, reason=reason, by=request.user)) is not None:
            messages.success(request, "It is set aside. What waited behind it goes on.")
            return redirect("hl7:outgoing-message", message_id=found.pk)
    return _page(request, found, form, status=422)


def _visible(request: SignedInRequest, message_id: int) -> OutgoingMessage:
    rows = OutgoingMessage.objects.visible_to(request.user).select_related("destination__site", "event")
    return get_or_404(rows, message_id)
