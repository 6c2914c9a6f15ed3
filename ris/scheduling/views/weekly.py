"""The weekly opening hours of a room."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ris.core.errors import InvalidInput
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.scheduling import actions
from ris.scheduling.forms import WeekForm
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Resource
from ris.scheduling.opening import LAST_MINUTE, require_open

MOST_CHECKED = 500


@login_required
@require_http_methods(["GET", "POST"])
def week(request: SignedInRequest, room_id: int) -> HttpResponse:
    """Hours for each weekday; who is booked outside them is counted."""
    require_somewhere(request.user, "site.manage", "Opening hours are for the administrators of a site.")
    rooms = Resource.objects.filter(site__in=request.user.sites_where("site.manage")).select_related("site")
    room = get_or_404(rooms, room_id)
    form = WeekForm(request.POST or None, initial=_initial(room))
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: actions.set_hours(room, hours=form.hours(), by=request.user))
        if done is not None:
            outside = _outside(room)
            people = f" {outside} booked outside them: move or call them." if outside else ""
            messages.success(request, f"The hours of {room} are kept.{people}")
            return redirect(f"{reverse('scheduling:times')}?site={room.site.code}")
    context = {"form": form, "room": room}
    return render(request, "scheduling/week.html", context, status=422 if form.errors else 200)


def _initial(room: Resource) -> dict[str, object]:
    found: dict[str, object] = {}
    for row in room.openings.all():
        closes = "24:00" if row.closes >= LAST_MINUTE else f"{row.closes:%H:%M}"
        name, words = f"day_{row.weekday}", f"{row.opens:%H:%M}-{closes}"
        found[name] = f"{found[name]}, {words}" if name in found else words
    return found or {"always": True}


def _outside(room: Resource) -> int:
    """How many who are to come stand outside the hours as they are now."""
    rows = Appointment.objects.filter(resource=room, state__in=APPOINTMENT.groups["coming"], end__gte=timezone.now())
    return sum(not _is_open(room, row) for row in rows[:MOST_CHECKED])


def _is_open(room: Resource, row: Appointment) -> bool:
    try:
        require_open(room, row.start, row.end, even_kept=True)
    except InvalidInput:
        return False
    return True
