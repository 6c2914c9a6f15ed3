"""Messages that came in: where each stands, its text by right, doing it again, and trying one without effect."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.hl7.incoming import actions, permissions
from ris.hl7.incoming.forms import RehearsalForm
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import InboundMessage

PAGE = 50
WORDS = {"parked": "Waiting", "refused": "Refused", "done": "Done", "received": "Not done yet"}
# What colour says: only what was refused needs somebody.
TONES = {"parked": "waiting", "refused": "failed", "done": "done", "received": "leased"}


@login_required
@require_GET
def incoming(request: SignedInRequest) -> HttpResponse:
    """All of one's sites, newest first, by state."""
    require_somewhere(request.user, permissions.VIEW, permissions.WORDS)
    state = request.GET.get("state", "")
    visible = InboundMessage.objects.visible_to(request.user)
    rows = visible.select_related("sender", "site").defer("raw", "answer")
    if state in INBOUND.states:
        rows = rows.filter(state=state)
    counts = dict(visible.order_by().values_list("state").annotate(n=Count("pk")))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(row, WORDS[row.state], TONES[row.state]) for row in page],
        "tabs": [(name, words, counts.get(name, 0)) for name, words in WORDS.items()],
        "state": state,
    }
    return render(request, "hl7/incoming.html", context)


@login_required
@require_GET
def message(request: SignedInRequest, message_id: int) -> HttpResponse:
    """What became of one message, without its text."""
    require_somewhere(request.user, permissions.VIEW, permissions.WORDS)
    return _page(request, _visible(request, message_id))


@login_required
@require_GET
def text(request: SignedInRequest, message_id: int) -> HttpResponse:
    """The same with its text, which names a patient: who looked is kept."""
    require_somewhere(request.user, permissions.MANAGE, permissions.WORDS)
    found = _visible(request, message_id)
    return _page(request, found, body=actions.read_text(found, by=request.user))


@login_required
@require_POST
def replay(request: SignedInRequest, message_id: int) -> HttpResponse:
    """Do it now, if it waits or was refused."""
    require_somewhere(request.user, permissions.MANAGE, permissions.WORDS)
    found = actions.replay(_visible(request, message_id), by=request.user)
    messages.info(request, f"{WORDS[found.state]}. {found.result}")
    return redirect("hl7:incoming-message", message_id=found.pk)


@login_required
@require_http_methods(["GET", "POST"])
def rehearse(request: SignedInRequest) -> HttpResponse:
    """What a pasted message would do; nothing of it stays."""
    require_somewhere(request.user, permissions.MANAGE, permissions.WORDS)
    form = RehearsalForm(request.user, request.POST or None)
    context: dict[str, object] = {"form": form}
    status = 200
    if form.is_bound and form.is_valid():
        sender, pasted = form.cleaned_data["sender"], form.cleaned_data["text"]
        context["rehearsal"] = actions.rehearse(sender, pasted, by=request.user)
    elif form.is_bound:
        status = 422
    return render(request, "hl7/incoming_try.html", context, status=status)


def _page(request: SignedInRequest, found: InboundMessage, body: str = "") -> HttpResponse:
    may_manage = permissions.may_manage(request.user, found)
    context = {
        "message": found,
        "words": WORDS[found.state],
        "tone": TONES[found.state],
        "body": body,
        "may_read": may_manage and not body,
        "may_replay": may_manage and INBOUND.within(found, "again"),
    }
    return render(request, "hl7/incoming_message.html", context)


def _visible(request: SignedInRequest, message_id: int) -> InboundMessage:
    return get_or_404(InboundMessage.objects.visible_to(request.user).select_related("sender__site"), message_id)
