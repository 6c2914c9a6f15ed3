"""Booking, moving, cancelling, checking in: each a form, so that the keyboard does what the calendar's drag does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris import audit
from ris.accounts.once import once
from ris.core import panels
from ris.core.actors import Actor
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.orders.forms import SafetyForm
from ris.orders.models import RequestedProcedure
from ris.orders.questions import not_asked, questions_of
from ris.scheduling import actions, permissions
from ris.scheduling.finder import Wish, next_of, offers, rooms_of
from ris.scheduling.forms import OverbookForm, ReasonForm, ReopenForm, SlotForm, WishForm
from ris.scheduling.labels import attendance, listed_words, parts_words, past_words
from ris.scheduling.lifecycle import APPOINTMENT
from ris.scheduling.models import Appointment, Resource, ScheduledProcedureStep

VERBS = ("arrive", "move", "cancel", "miss", "restore", "reopen")


@login_required
@require_http_methods(["GET", "POST"])
@once
def book(request: SignedInRequest, procedure_id: int) -> HttpResponse:
    """Give a requested procedure a room and a time; the first free one is filled in, `find` offers others."""
    requested = requested_of(request, procedure_id)
    rooms = rooms_of(requested.order.site, next_of(requested).modality)
    form, safety = _booking(request, requested, rooms)
    if request.method == "POST" and form.is_valid() & safety.is_valid():
        given = safety.answers()
        booked = attempt(form, lambda: actions.book([requested], slot=form.slot(), by=request.user, answers=given))
        if booked is not None:
            messages.success(request, f"Booked. {listed_words(booked)}{parts_words(booked)}")
            _warn_of_past(request, booked)
            warn_of_unasked(request, [requested])
            return _to_day(booked, booked=booked.pk)
    context = {"form": form, "safety": safety, "requested": requested, "site": requested.order.site}
    context |= _found(request, requested, list(rooms)) | {"patient": requested.order.patient}
    context["parts"] = requested.procedure.parts.all()
    context["may_overbook"] = permissions.may_overbook(request.user, requested.order.site_id)
    return render(request, "scheduling/book.html", context, status=422 if form.errors or safety.errors else 200)


def _booking(request: SignedInRequest, requested: RequestedProcedure, rooms: Any) -> tuple[SlotForm, SafetyForm]:
    """When and where, and what has not been asked yet."""
    unchosen = request.method == "GET" and "time" not in request.GET
    initial = {**_initial(request, requested), **(_first_free(requested, list(rooms)) if unchosen else {})}
    unanswered = [item for item in questions_of(requested.order) if item.answer is None]
    before = {item.kind: item.before for item in unanswered if item.before is not None}
    zone = requested.order.site.zone
    safety = SafetyForm(request.POST or None, kinds=[item.kind for item in unanswered], before=before, zone=zone)
    return SlotForm(request.POST or None, rooms=rooms, initial=initial), safety


def _first_free(requested: RequestedProcedure, rooms: list[Resource]) -> dict[str, object]:
    """The first time that is free, so that what the form holds can be booked as it stands."""
    zone = requested.order.site.zone
    found = next(iter(offers(requested, rooms, Wish(first=timezone.localdate(timezone=zone)))), None)
    if found is None:
        return {}
    local = found.start.astimezone(zone)
    return {"room": found.room.pk, "day": local.date(), "time": f"{local:%H:%M}"}


def _warn_of_past(request: SignedInRequest, appointment: Appointment) -> None:
    """Say that the time is over: booking what has been is allowed, and mostly a slip."""
    if words := past_words(appointment, timezone.now()):
        messages.warning(request, words)


def warn_of_unasked(request: SignedInRequest, requested: Iterable[RequestedProcedure]) -> None:
    """Say what nobody has asked the patient yet."""
    for order_id, labels in not_asked(requested).items():
        link = reverse("orders:detail", args=[order_id])
        words = 'Not asked yet: {}. Ask before the exam begins, and <a href="{}">keep the answer</a>.'
        messages.warning(request, format_html(words, ", ".join(labels), link))


def _found(request: SignedInRequest, requested: RequestedProcedure, rooms: list[Resource]) -> dict[str, Any]:
    wish = WishForm(request.GET if "find" in request.GET else None)
    if not wish.is_bound or not wish.is_valid():
        return {"wish": wish, "found": None}
    return {"wish": wish, "found": offers(requested, rooms, wish.wish(requested.order.site.zone))}


@login_required
@require_http_methods(["GET", "POST"])
@once
def overbook(request: SignedInRequest, procedure_id: int) -> HttpResponse:
    """Beside the calendar or in somebody's place, by right and with a reason."""
    requested = visible_procedure(request, procedure_id)
    site = requested.order.site
    permissions.require_overbook(request.user, site.pk)
    rooms = rooms_of(site, next_of(requested).modality)
    form = OverbookForm(request.POST or None, rooms=rooms, initial=_initial(request, requested))
    if request.method == "POST" and form.is_valid():
        booked = attempt(form, lambda: _overbooked(form, requested, request.user))
        if booked is not None:
            messages.success(request, f"Booked. {listed_words(booked)}")
            return _to_day(booked, booked=booked.pk)
    context = {"form": form, "requested": requested, "patient": requested.order.patient, "site": site}
    return render(request, "scheduling/overbook.html", context, status=422 if form.errors else 200)


def _overbooked(form: OverbookForm, requested: RequestedProcedure, by: Actor) -> Appointment:
    data = form.cleaned_data
    if data["way"] == "displace":
        return actions.displace([requested], slot=form.slot(), reason=data["reason"], by=by)
    return actions.overbook([requested], slot=form.slot(), lane_name=data["lane"], reason=data["reason"], by=by)


@login_required
@require_GET
def appointment(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """One appointment and what can be done with it."""
    found = appointment_of(request, appointment_id)
    audit.record("appointment.opened", found, by=request.user)
    steps = found.steps.select_related("requested_procedure__procedure", "requested_procedure__order__patient")
    context = {
        "appointment": found,
        "steps": steps,
        "others": ScheduledProcedureStep.objects.other_parts(found).select_related("appointment__resource"),
        "may_book": permissions.may_book(request.user, found.site_id),
        "may_perform": permissions.may_perform(request.user, found.site_id),
        "verbs": {verb for verb in VERBS if APPOINTMENT.allows(found, verb)},
        "begun": found.start <= timezone.now(),
        "label": attendance(found, timezone.now()),
        "unasked": not_asked(step.requested_procedure for step in steps if APPOINTMENT.within(found, "coming")),
        "panels": panels.collect("appointment", found, request.user),
    }
    return render(request, "scheduling/appointment.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once
def move(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """Another time, room or length."""
    found = appointment_of(request, appointment_id)
    permissions.require_book(request.user, found.site_id)
    local = found.start.astimezone(found.site.zone)
    minutes = int((found.end - found.start).total_seconds() // 60)
    initial = {"room": found.resource, "day": local.date(), "time": f"{local:%H:%M}", "minutes": minutes}
    form = SlotForm(request.POST or None, rooms=rooms_of(found.site, found.resource.modality), initial=initial)
    if request.method == "POST" and form.is_valid():
        moved = attempt(form, lambda: actions.move(found, slot=_elsewhere(form, found), by=request.user))
        if moved is not None:
            messages.success(request, f"Moved. The worklist follows.{parts_words(moved)}")
            _warn_of_past(request, moved)
            return _to_day(moved)
    context = {"form": form, "appointment": found}
    return render(request, "scheduling/move.html", context, status=422 if form.errors else 200)


def _elsewhere(form: SlotForm, found: Appointment) -> actions.Slot:
    """A time that was not touched stays that instant: in autumn the wall clock would not say which hour is meant."""
    slot = form.slot()
    local = found.start.astimezone(found.site.zone)
    if slot.start.replace(tzinfo=None, fold=0) == local.replace(tzinfo=None, fold=0):
        return replace(slot, start=found.start)
    return slot


@login_required
@require_http_methods(["GET", "POST"])
@once
def cancel(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """Free the slot; the order waits to be scheduled again."""
    found = appointment_of(request, appointment_id)
    permissions.require_book(request.user, found.site_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.cancel_appointment(found, reason=reason, by=request.user)) is not None:
            messages.success(request, "Cancelled. The order waits to be scheduled again.")
            return _to_day(found)
    context = {"form": form, "appointment": found}
    return render(request, "scheduling/cancel.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def arrive(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """Check in."""
    answer = _done(request, appointment_id, actions.arrive, "Checked in.")
    related = ("procedure", "order__patient")
    asked = RequestedProcedure.objects.filter(steps__appointment=appointment_id).distinct()
    warn_of_unasked(request, asked.select_related(*related))
    return answer


@login_required
@require_POST
def miss(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """The patient did not come."""
    return _done(request, appointment_id, actions.miss, "Marked as not come. The exam waits to be scheduled again.")


@login_required
@require_POST
def restore(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """A late arrival after all: same slot, same accession number."""
    return _done(request, appointment_id, actions.restore, "Restored. It stands on the device's worklist again.")


@login_required
@require_http_methods(["GET", "POST"])
@once
def reopen(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """It was called done too early."""
    found = appointment_of(request, appointment_id)
    permissions.require_perform(request.user, found.site_id)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.reopen(found, reason=reason, by=request.user)) is not None:
            messages.success(request, "Open again. Finish the exam at the device or on the technologist board.")
            return redirect("scheduling:appointment", appointment_id=found.pk)
    context = {"form": form, "appointment": found}
    return render(request, "scheduling/reopen.html", context, status=422 if form.errors else 200)


def _done(request: SignedInRequest, pk: int, action: Callable[..., Appointment], words: str) -> HttpResponse:
    changed = action(appointment_of(request, pk), by=request.user)
    messages.success(request, words)
    return _to_day(changed)


def appointment_of(request: SignedInRequest, pk: int) -> Appointment:
    require_somewhere(request.user, "schedule.view", "The schedule is for those who work at a site.")
    visible = Appointment.objects.visible_to(request.user).select_related("patient", "resource", "site")
    return get_or_404(visible, pk)


def visible_procedure(request: SignedInRequest, pk: int) -> RequestedProcedure:
    visible = RequestedProcedure.objects.visible_to(request.user)
    return get_or_404(visible.select_related("procedure", "order__patient", "order__site"), pk)


def requested_of(request: SignedInRequest, pk: int) -> RequestedProcedure:
    """What is to be booked, for who may book it."""
    found = visible_procedure(request, pk)
    permissions.require_book(request.user, found.order.site_id)
    return found


def _initial(request: SignedInRequest, requested: RequestedProcedure) -> dict[str, object]:
    """The next five minutes, or what an offer's link says."""
    now = timezone.localtime(timezone=requested.order.site.zone)
    minute = (now.minute // 5 + 1) * 5
    start = now.replace(minute=0, second=0) + timedelta(minutes=minute)
    chosen = {name: request.GET[name] for name in ("room", "day", "time") if name in request.GET}
    return {
        "day": start.date(), "time": f"{start:%H:%M}", "minutes": next_of(requested).minutes,
        "way": "lane", "lane": "Overbooked", **chosen,
    }  # fmt: skip


def _to_day(found: Appointment, **also: int) -> HttpResponse:
    """The day board on that day; `booked` puts the papers of a new appointment on top."""
    day = found.start.astimezone(found.site.zone).date().isoformat()
    return redirect(f"{reverse('scheduling:day')}?{urlencode({'site': found.site.code, 'day': day, **also})}")
