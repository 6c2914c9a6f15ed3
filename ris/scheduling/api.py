"""/api/v1/appointments/, with the rooms to book and the steps that wait."""

from __future__ import annotations

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_bodies import ReasonBody
from ris.accounts.api_files import CalendarRenderer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.http import get_or_404, require_somewhere
from ris.scheduling import actions, permissions
from ris.scheduling.finder import next_of, offers, rooms_of, wish_of
from ris.scheduling.handing import calendar_answer
from ris.scheduling.hours import day_bounds
from ris.scheduling.models import Appointment, CallBack, Resource, ScheduledProcedureStep, StepQuerySet
from ris.scheduling.serializers import (
    AppointmentSerializer,
    BedsideBody,
    BookingBody,
    CallBackSerializer,
    DayQuery,
    LengthBody,
    OverbookBody,
    RoomSerializer,
    SiteQuery,
    SlotBody,
    StepSerializer,
    WalkedInSerializer,
    WalkInBody,
    rooms,
    slot_of,
)
from ris.scheduling.times_serializers import OfferSerializer, WeekBody, WeekSerializer, WishQuery, managed_rooms

FOR_BOOKERS = "Booking is for clerks and technologists."


class RoomViewSet(StationViewSet[Resource]):
    model = Resource
    needs = "schedule.view"

    def visible(self, user: User) -> models.QuerySet[Resource]:
        return rooms(user)

    @extend_schema(parameters=[SiteQuery], responses=RoomSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Rooms that can be booked."""
        return self.page(self.visible(self.user).filter(**self.query(SiteQuery)), RoomSerializer)

    @extend_schema(responses=WeekSerializer)
    @action(detail=True, methods=["get"])
    def hours(self, request: Request, pk: int) -> Response:
        """The weekly opening hours of a room, for those who set them."""
        return Response(WeekSerializer(self._managed()).data)

    @extend_schema(request=WeekBody, responses=WeekSerializer)
    @hours.mapping.put
    def set_hours(self, request: Request, pk: int) -> Response:
        """Put these weekly hours in the place of what there was. Who is booked outside them stays, and is counted."""
        room, hours = self._managed(), WeekBody.hours_of(self.body(WeekBody))
        actions.set_hours(room, hours=hours, by=self.user)
        return Response(WeekSerializer(self._managed()).data)

    def _managed(self) -> Resource:
        """Asked for the right before the room is looked for."""
        require_somewhere(self.user, "site.manage", "Opening hours are for the administrators of a site.")
        return get_or_404(managed_rooms(self.user), self.kwargs["pk"])


class StepViewSet(StationViewSet[ScheduledProcedureStep]):
    model = ScheduledProcedureStep
    needs = "schedule.view"

    def visible(self, user: User) -> StepQuerySet:
        rows = ScheduledProcedureStep.objects.visible_to(user)
        return rows.select_related("site", "node", "requested_procedure__order")

    @extend_schema(parameters=[SiteQuery], responses=StepSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Steps that wait to be scheduled."""
        waiting = self.visible(self.user).unplaced()
        return self.page(waiting.filter(**self.query(SiteQuery)), StepSerializer)

    @extend_schema(parameters=[WishQuery], responses=OfferSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="free-times", pagination_class=None)
    def free_times(self, request: Request, pk: int) -> Response:
        """The first times at which a room and the patient are free for the exam of a step; at most five."""
        require_somewhere(self.user, "schedule.book", FOR_BOOKERS)
        requested = self.one().requested_procedure
        permissions.require_book(self.user, requested.order.site_id)
        said = self.query(WishQuery)
        minutes, site = said.pop("minutes"), requested.order.site
        rooms = rooms_of(site, next_of(requested).modality)
        found = offers(requested, list(rooms), wish_of(site.zone, **said), minutes=minutes)
        return Response(OfferSerializer(found, many=True).data)


class AppointmentViewSet(StationViewSet[Appointment]):
    model = Appointment
    needs = "schedule.view"

    def visible(self, user: User) -> models.QuerySet[Appointment]:
        steps = ScheduledProcedureStep.objects.select_related("site", "node", "requested_procedure__order")
        rows = Appointment.objects.visible_to(user).prefetch_related(models.Prefetch("steps", steps))
        return rows.select_related("site", "resource__site", "resource__node")

    @extend_schema(parameters=[DayQuery], responses=AppointmentSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Appointments of your sites, of one site, or of one day of a site; by time."""
        query, rows = self.query(DayQuery), self.visible(self.user)
        if "site" in query:
            rows = rows.filter(site=query["site"])
        if "day" in query:
            first, last = day_bounds(query["site"], query["day"])
            rows = rows.filter(start__gte=first, start__lt=last)
        return self.page(rows, AppointmentSerializer)

    @extend_schema(responses=AppointmentSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One appointment. Opening it is recorded in the audit trail."""
        found = self.one()
        audit.record("appointment.opened", found, by=self.user)
        return Response(AppointmentSerializer(found).data)

    @extend_schema(responses={(200, "text/calendar"): OpenApiTypes.STR})
    @action(detail=True, methods=["get"], url_path="calendar-file", renderer_classes=[CalendarRenderer, JSONRenderer])
    def calendar_file(self, request: Request, pk: int) -> HttpResponse:
        """The appointment as a calendar takes it in (RFC 5545). That it left is recorded in the audit trail."""
        found = get_or_404(Appointment.objects.visible_to(self.user).select_related("patient", "resource", "site"), pk)
        return calendar_answer(found, by=self.user)

    @extend_schema(request=BookingBody, responses={201: AppointmentSerializer})
    def create(self, request: Request) -> Response:
        """Book; 409 `slot-taken` when somebody has the room then."""
        body = self.body(BookingBody)
        return self._written(actions.book(body["procedures"], slot=slot_of(body), by=self.user), status=201)

    @extend_schema(request=OverbookBody, responses={201: AppointmentSerializer})
    @action(detail=False, methods=["post"])
    def overbook(self, request: Request) -> Response:
        """Book although the time is taken or kept, by right and with a reason."""
        body = self.body(OverbookBody)
        procedures, slot, why = body["procedures"], slot_of(body), body["reason"]
        if body["displace"]:
            booked = actions.displace(procedures, slot=slot, reason=why, by=self.user)
        else:
            booked = actions.overbook(procedures, slot=slot, lane_name=body["lane"], reason=why, by=self.user)
        return self._written(booked, status=201)

    @extend_schema(request=WalkInBody, responses={201: WalkedInSerializer})
    @action(detail=False, methods=["post"], url_path="walk-in")
    def walk_in(self, request: Request) -> Response:
        """Order an exam for this minute and put it on the worklist; in a room that is free it is an appointment."""
        body = self.body(WalkInBody)
        patient, site = body.pop("patient"), body.pop("site")
        done = actions.walk_in(patient, site=site, wanted=actions.WalkIn(**body), by=self.user)
        return Response(WalkedInSerializer(done).data, status=201)

    @extend_schema(request=SlotBody, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: int) -> Response:
        """Give an appointment another time or room; the device's worklist follows."""
        return self._written(actions.move(self.one(), slot=slot_of(self.body(SlotBody)), by=self.user))

    @extend_schema(request=ReasonBody, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Free the slot; the steps wait to be scheduled again."""
        reason = self.body(ReasonBody)["reason"]
        return self._written(actions.cancel_appointment(self.one(), reason=reason, by=self.user))

    @extend_schema(request=None, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def arrive(self, request: Request, pk: int) -> Response:
        """Check the patient in."""
        return self._written(actions.arrive(self.one(), by=self.user))

    @extend_schema(request=LengthBody, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def resize(self, request: Request, pk: int) -> Response:
        """Make an appointment longer or shorter where it stands; 409 `slot-taken` when somebody follows."""
        found, minutes = self.one(), self.body(LengthBody)["minutes"]
        slot = actions.Slot(resource=found.resource, start=found.start, minutes=minutes)
        return self._written(actions.move(found, slot=slot, by=self.user))

    @extend_schema(request=None, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def miss(self, request: Request, pk: int) -> Response:
        """The patient did not come: the slot is free, the exam waits to be scheduled."""
        return self._written(actions.miss(self.one(), by=self.user))

    @extend_schema(request=None, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: int) -> Response:
        """A late arrival: the same slot and numbers; 409 `slot-taken` when it was given to somebody else."""
        return self._written(actions.restore(self.one(), by=self.user))

    @extend_schema(request=ReasonBody, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """What was called done too early runs on."""
        return self._written(actions.reopen(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user))

    @extend_schema(request=BedsideBody, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def bedside(self, request: Request, pk: int) -> Response:
        """Ward and bed, and whether the device comes to the patient; the devices see it at their next query."""
        place = actions.Place(**self.body(BedsideBody))
        return self._written(actions.place_at_bedside(self.one(), place=place, by=self.user))

    def _written(self, appointment: Appointment, *, status: int = 200) -> Response:
        fresh = self.visible(self.user).filter(pk=appointment.pk).first() or appointment
        return Response(AppointmentSerializer(fresh).data, status=status)


class CallBackViewSet(StationViewSet[CallBack]):
    model = CallBack
    needs = "schedule.view"

    def visible(self, user: User) -> models.QuerySet[CallBack]:
        rows = CallBack.objects.filter(site__in=user.sites_where("schedule.view"))
        return rows.select_related("site", "appointment")

    @extend_schema(parameters=[SiteQuery], responses=CallBackSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Patients of your sites who wait to be rung, longest first."""
        rows = self.visible(self.user).filter(done_at=None, **self.query(SiteQuery))
        return self.page(rows.order_by("made_at", "pk"), CallBackSerializer)

    @extend_schema(request=None, responses=CallBackSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: int) -> Response:
        """The patient was reached; 409 when somebody else did it."""
        return Response(CallBackSerializer(actions.close_call_back(self.one(), by=self.user)).data)
