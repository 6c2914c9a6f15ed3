"""The booking calendar, and what its widget reads and writes as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ris.accounts.models import Site
from ris.core.errors import ConcurrentUpdateError, InvalidInput
from ris.core.http import SignedInRequest, unless_seen
from ris.orders.questions import not_asked
from ris.scheduling import actions, permissions
from ris.scheduling.actions import Slot
from ris.scheduling.board import digest, site_and_day, waiting_of
from ris.scheduling.calendar import WEEK, daytime, feed, offset, period, refusals, rooms_of, token, wall, week_of
from ris.scheduling.capability import demand_of_step
from ris.scheduling.forms import DropForm
from ris.scheduling.labels import parts_words
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment
from ris.scheduling.views.appointments import appointment_of, requested_of

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 480
UNDONE = "undone right after booking"
MORNING = 8  # where a day begins to show that is not today


@login_required
@require_GET
def page(request: SignedInRequest) -> HttpResponse:
    """Rooms as columns for a day, or one room for a week."""
    site, day = site_and_day(request.user, request.GET.get("site", ""), request.GET.get("day", ""))
    rooms = rooms_of(site)
    room = next((item for item in rooms if str(item.pk) == request.GET.get("room")), rooms[0] if rooms else None)
    week = request.GET.get("view") == "week" and room is not None
    first, last = week_of(day) if week else (day, day)
    step = timedelta(days=WEEK if week else 1)
    (opens, closes), now = daytime(rooms), timezone.localtime(timezone=site.zone)
    context = {
        "site": site, "day": day, "rooms": rooms, "room": room, "view": "week" if week else "day",
        "first": first, "last": last, "previous": day - step, "next": day + step, "opens": opens, "closes": closes,
        "offset": offset(site), "now": now, "hour": now.hour if first <= now.date() <= last else MORNING,
        "sites": Site.objects.filter(pk__in=request.user.sites_where("schedule.view")),
        "may_manage": permissions.may_manage(request.user, site.pk), **_waiting(request, site),
    }  # fmt: skip
    return render(request, "scheduling/calendar.html", context)


@login_required
@require_GET
def events(request: SignedInRequest) -> HttpResponse:
    """What stands in the calendar; 204 when nothing changed."""
    asked = request.GET
    site, _day = site_and_day(request.user, asked.get("site", ""), "")
    shown = period(site, asked.get("from", ""), asked.get("to", ""), asked.get("room", ""))
    found = feed(shown, may_book=permissions.may_book(request.user, site.pk))
    return unless_seen(request, found["version"], lambda: JsonResponse(found))


@login_required
@require_GET
def waiting(request: SignedInRequest) -> HttpResponse:
    """What is to be scheduled; 204 when nothing changed."""
    site, _day = site_and_day(request.user, request.GET.get("site", ""), "")
    context = {"site": site, **_waiting(request, site)}
    return unless_seen(request, context["version"], lambda: render(request, "scheduling/_waiting.html", context))


def _waiting(request: SignedInRequest, site: Site) -> dict[str, Any]:
    rooms, steps = rooms_of(site), waiting_of(site)
    rows = [{"step": step, "refusals": refusals(rooms, [demand_of_step(step)])} for step in steps]
    may_book = permissions.may_book(request.user, site.pk)
    return {"rows": rows, "may_book": may_book, "version": digest([step.pk for step in steps])}


@login_required
@require_POST
def book(request: SignedInRequest, procedure_id: int) -> HttpResponse:
    """An order was let go on a slot."""
    requested = requested_of(request, procedure_id)
    form = DropForm(request.POST, rooms=_rooms(requested.order.site)).checked()
    booked = actions.book([requested], slot=form.slot(), by=request.user)
    unasked = not_asked([requested]).get(requested.order_id, [])
    return _answer(booked, "Booked", f" Not asked yet: {', '.join(unasked)}." if unasked else "")


@login_required
@require_POST
def place(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """An appointment was dragged or made longer. Refused when it does not stand where the browser saw it."""
    found = appointment_of(request, appointment_id)
    permissions.require_book(request.user, found.site_id)
    form = DropForm(request.POST, rooms=_rooms(found.site)).checked()
    if form.cleaned_data["was"] not in ("", token(found)):
        raise ConcurrentUpdateError("Somebody moved this appointment meanwhile. Look where it stands now.")
    return _answer(actions.move(found, slot=_slot(form, found), by=request.user), "Moved")


@login_required
@require_POST
def undo(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """Take back a booking that was just made: the order waits again. Refused once it stands otherwise."""
    found = appointment_of(request, appointment_id)
    permissions.require_book(request.user, found.site_id)
    if request.POST.get("was", "") not in ("", token(found)) or not APPOINTMENT.within(found, "expected"):
        raise ConcurrentUpdateError("This is not as you booked it any more. Open the appointment to cancel it.")
    actions.cancel_appointment(found, reason=UNDONE, by=request.user)
    return JsonResponse({"message": "Taken back. The order waits to be scheduled."})


def _slot(form: DropForm, found: Appointment) -> Slot:
    """A change of length alone keeps the instant: in autumn the wall clock would not say which hour is meant."""
    data = form.cleaned_data
    minutes = data["minutes"]
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InvalidInput(f"In the calendar an appointment lasts {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes.")
    if data["keep_start"]:
        return Slot(resource=data["room"], start=found.start, minutes=minutes)
    return form.slot()


def _rooms(site: Site) -> Any:
    """All rooms: one that cannot do the exam is refused with the reason."""
    return site.resources.filter(active=True).select_related("site", "node")


def _answer(appointment: Appointment, verb: str, more: str = "") -> JsonResponse:
    start = wall(appointment.start, appointment.site)
    words = f"{verb}: {appointment.resource}, {appointment.start.astimezone(appointment.site.zone):%a %d %b, %H:%M}."
    words += parts_words(appointment) + more
    return JsonResponse({"message": words, "appointment": appointment.pk, "start": start, "was": token(appointment)})
