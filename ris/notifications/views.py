"""The bell, one's own notices, and what was written to patients."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from ris.notifications import actions
from ris.notifications.channels import is_open
from ris.notifications.lifecycle import MESSAGE
from ris.notifications.models import EMAIL, SMS, Message

PAGE = 50


@login_required
@require_GET
def notices(request: SignedInRequest) -> HttpResponse:
    """One's own notices, newest first."""
    page = Paginator(Message.objects.shown_to(request.user), PAGE).get_page(request.GET.get("page"))
    unread = Message.objects.unread_by(request.user).exists()
    return render(request, "notifications/notices.html", {"page_obj": page, "unread": unread})


@login_required
@require_GET
def bell(request: SignedInRequest) -> HttpResponse:
    """How many notices are new; 204 when the bell shows it."""
    context = {"unread": Message.objects.unread_by(request.user).count()}
    return unless_seen(request, str(context["unread"]), lambda: render(request, "notifications/_bell.html", context))


@login_required
@require_POST
def read(request: SignedInRequest, message_id: int) -> HttpResponse:
    """Seen; on to where it leads."""
    found = actions.read(get_or_404(Message.objects.shown_to(request.user), message_id), by=request.user)
    safe = url_has_allowed_host_and_scheme(found.link, allowed_hosts=None)
    return redirect(found.link if safe else "notifications:notices")


@login_required
@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    """All of them were seen."""
    actions.read_all(by=request.user)
    messages.success(request, "All notices are marked as read.")
    return redirect("notifications:notices")


@login_required
@require_GET
def outgoing(request: SignedInRequest) -> HttpResponse:
    """What was written to patients of one's sites, by state, and whether anything can be sent at all."""
    require_somewhere(request.user, "delivery.manage", "Messages to patients are for administrators.")
    state = request.GET.get("state", "")
    rows = Message.objects.visible_to(request.user).select_related("site")
    if state in MESSAGE.states:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    ways = [("Mail", is_open(EMAIL), "EMAIL_URL"), ("SMS", is_open(SMS), "SMS_WEBHOOK_URL")]
    states = [(name, label) for name, label in MESSAGE.choices if name != "read"]
    context = {"page_obj": page, "ways": ways, "state": state, "states": states}
    return render(request, "notifications/outgoing.html", context)
