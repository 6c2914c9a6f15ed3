"""The weekly opening hours of a room."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.scheduling import actions
from ris.scheduling.affected import booked_outside
from ris.scheduling.forms import WeekForm
from ris.scheduling.models import Resource
from ris.scheduling.opening import LAST_MINUTE


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
            outside = booked_outside(room)
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
