"""Deliveries: what is on its way, what is stuck, and sending it again."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from ris.core import panels
from ris.core.errors import NotPermitted
from ris.core.http import SignedInRequest, get_or_404
from ris.events import outbox
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from ris.events.standings import standings

PAGE = 50
WORDS = {"pending": "Queued", "leased": "Being sent", "parked": "Parked", "done": "Done"}


def require_manage(request: SignedInRequest) -> None:
    if not request.user.may("delivery.manage", None):
        raise NotPermitted("Deliveries are for administrators.")


@login_required
@require_GET
def deliveries(request: SignedInRequest) -> HttpResponse:
    """The queue of one's sites, newest first, by state."""
    require_manage(request)
    state = request.GET.get("state", "")
    visible = Delivery.objects.visible_to(request.user)
    rows = visible.select_related("event").order_by("-id")
    if state in DELIVERY.states:
        rows = rows.filter(state=state)
    counts = dict(visible.order_by().values_list("state").annotate(n=Count("pk")))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    tabs = [(name, words, counts.get(name, 0)) for name, words in WORDS.items()]
    rows_and_words = [(row, WORDS[row.state]) for row in page]
    beside = panels.collect("deliveries", request.user)
    context = {"page_obj": page, "rows": rows_and_words, "state": state, "tabs": tabs, "panels": beside,
               "standings": standings(request.user)}  # fmt: skip
    return render(request, "events/deliveries.html", context)


@login_required
@require_POST
def resend(request: SignedInRequest, delivery_id: int) -> HttpResponse:
    """Put a parked delivery back into the queue."""
    require_manage(request)
    outbox.resend(get_or_404(Delivery.objects.visible_to(request.user), delivery_id), by=request.user)
    messages.success(request, "It is in the queue again.")
    return redirect("events:deliveries")


@login_required
@require_POST
def resend_parked(request: SignedInRequest) -> HttpResponse:
    """Put everything that is parked for one destination back into the queue."""
    require_manage(request)
    count = outbox.resend_all(request.POST.get("to", "")[:64], by=request.user)
    messages.success(request, f"{count} in the queue again." if count else "Nothing was parked there any more.")
    return redirect("events:deliveries")
