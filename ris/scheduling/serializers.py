"""Rooms, appointments and steps as the API writes and reads them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from rest_framework import serializers

from ris.accounts.api_bodies import InstantField, SiteField, Strict, VisibleField
from ris.accounts.models import Site, User
from ris.core.errors import InvalidInput
from ris.orders.models import PRIORITIES, SIDES, Procedure, RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.actions import Slot
from ris.scheduling.hours import require_near
from ris.scheduling.models import Appointment, CallBack, Resource, ScheduledProcedureStep

MOST_PROCEDURES = 20


def rooms(user: User) -> models.QuerySet[Resource]:
    return Resource.objects.visible_to(user).filter(active=True).select_related("site", "node")


def requested(user: User) -> models.QuerySet[RequestedProcedure]:
    return RequestedProcedure.objects.visible_to(user).select_related("procedure", "order__patient", "order__site")


class RoomSerializer(serializers.ModelSerializer[Resource]):
    """A room with its device."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    ae_title = serializers.CharField(source="node.ae_title", default=None, read_only=True, allow_null=True)

    class Meta:
        model = Resource
        fields = ["id", "site", "name", "modality", "ae_title"]
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer[ScheduledProcedureStep]):
    """A scheduled procedure step (PS3.3 C.4.10); `sps_id` is what the device sends back."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    order = serializers.IntegerField(source="requested_procedure.order_id", read_only=True)
    patient = serializers.IntegerField(source="requested_procedure.order.patient_id", read_only=True)
    accession_number = serializers.CharField(source="requested_procedure.accession_number", read_only=True)
    study_instance_uid = serializers.CharField(source="requested_procedure.study_instance_uid", read_only=True)
    ae_title = serializers.CharField(source="node.ae_title", default=None, read_only=True, allow_null=True)

    class Meta:
        model = ScheduledProcedureStep
        fields = ["id", "sps_id", "site", "state", "modality", "description", "start", "location", "ae_title",
                  "requested_procedure", "appointment", "order", "patient", "accession_number",
                  "study_instance_uid"]  # fmt: skip
        read_only_fields = fields


class AppointmentSerializer(serializers.ModelSerializer[Appointment]):
    """A patient's time in a room, with the steps that are done in it."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    room = RoomSerializer(source="resource", read_only=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Appointment
        fields = ["id", "site", "patient", "room", "start", "end", "state", "arrived_at", "cancel_reason", "steps"]
        read_only_fields = fields


class SlotBody(Strict):
    """A room, an instant, and how long."""

    room = VisibleField(rooms)
    start = InstantField()
    minutes = serializers.IntegerField(min_value=1, max_value=1440)


class LengthBody(Strict):
    """How long it is to take."""

    minutes = serializers.IntegerField(min_value=1, max_value=1440)


class BookingBody(SlotBody):
    """What is booked: ids of an order's requested procedures, all of one patient."""

    procedures = serializers.ListField(child=VisibleField(requested), min_length=1, max_length=MOST_PROCEDURES)


class OverbookBody(BookingBody):
    """Beside what is booked, in a lane with a name, or in its place: those who lose it stand among the call-backs."""

    displace = serializers.BooleanField(default=False, help_text="In the place of who is booked then; else in a lane.")
    lane = serializers.CharField(max_length=40, default="Overbooked", help_text="Name of the lane.")
    reason = serializers.CharField(max_length=255)


class WalkInBody(Strict):
    """Who is here, for which exam; without a room the first that can do it, a free one before one that is not."""

    patient = VisibleField(Patient.objects.visible_to)
    site = SiteField("schedule.view")
    procedure = serializers.SlugRelatedField[Procedure](
        slug_field="code", queryset=Procedure.objects.filter(active=True)
    )
    priority = serializers.ChoiceField(PRIORITIES, default="ROUTINE")
    side = serializers.ChoiceField(SIDES, default="", allow_blank=True)
    reason = serializers.CharField(max_length=255, default="", allow_blank=True)
    room = VisibleField(rooms, required=False)


class WalkedInSerializer(serializers.Serializer[Any]):
    """Where the patient goes; without an appointment the room was not free, and `why` says so."""

    order = serializers.IntegerField(source="requested.order_id")
    requested_procedure = serializers.IntegerField(source="requested.pk")
    accession_number = serializers.CharField(source="requested.accession_number")
    room = RoomSerializer()
    appointment = serializers.IntegerField(source="appointment.pk", default=None, allow_null=True)
    why = serializers.CharField()


class BedsideBody(Strict):
    """Where the patient lies; empty ends it."""

    ward = serializers.CharField(max_length=40, allow_blank=True)
    bed = serializers.CharField(max_length=16, allow_blank=True, default="")
    portable = serializers.BooleanField(default=True, help_text="The device comes to the patient.")


class CallBackSerializer(serializers.ModelSerializer[CallBack]):
    """A patient to be rung: their time was given to somebody else, or is one of two at the same time."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    patient = serializers.IntegerField(source="appointment.patient_id", read_only=True)

    class Meta:
        model = CallBack
        fields = ["id", "site", "appointment", "patient", "reason", "overlap", "made_at", "done_at", "done_by_name"]
        read_only_fields = fields


def slot_of(body: dict[str, Any]) -> Slot:
    return Slot(resource=body["room"], start=body["start"], minutes=body["minutes"])


class SiteQuery(serializers.Serializer[Any]):
    site = SiteField("schedule.view", required=False)


class DayQuery(SiteQuery):
    """A day is a day of a site."""

    day = serializers.DateField(required=False, help_text="A day in the time zone of `site`, which it needs.")

    def validate_day(self, day: date) -> date:
        try:
            require_near(day)
        except InvalidInput as error:
            raise serializers.ValidationError(error.message) from None
        return day

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if isinstance(attrs.get("day"), date) and "site" not in attrs:
            raise serializers.ValidationError({"site": "A day is a day of a site: name the site too."})
        return attrs
