"""/api/v1/hl7-outgoing/: messages to other systems, sending one again, setting one aside."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_bodies import Strict
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.hl7.outgoing import actions
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.models import MANAGE, OutgoingMessage
from ris.hl7.outgoing.reading import body_text, waits_for


class OutgoingSerializer(serializers.ModelSerializer[OutgoingMessage]):
    """A message without its text. `subject` is an accession, filler or appointment number."""

    site = serializers.CharField(source="destination.site.code", read_only=True)
    destination = serializers.CharField(source="destination.name", read_only=True)

    class Meta:
        model = OutgoingMessage
        fields = ["id", "site", "destination", "event", "kind", "trigger", "subject", "control_id", "state",
                  "attempts", "last_error", "answer_code", "created_at", "sent_at", "answered_at"]  # fmt: skip
        read_only_fields = fields


class OutgoingTextSerializer(OutgoingSerializer):
    """The same with what was sent and what was answered. `waits_for`: the one before it for the same patient."""

    text = serializers.SerializerMethodField(help_text="A segment a line; what is very long is cut.")
    answer = serializers.CharField(read_only=True)
    waits_for = serializers.SerializerMethodField()

    class Meta(OutgoingSerializer.Meta):
        fields = [*OutgoingSerializer.Meta.fields, "text", "answer", "waits_for"]
        read_only_fields = fields

    def get_text(self, message: OutgoingMessage) -> str:
        return body_text(message)

    def get_waits_for(self, message: OutgoingMessage) -> int | None:
        before = waits_for(message)
        return before.pk if before else None


class OutgoingQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(OUTGOING.choices, required=False)


class SetAsideBody(Strict):
    reason = serializers.CharField(max_length=actions.LONGEST_REASON)


class OutgoingViewSet(StationViewSet[OutgoingMessage]):
    model = OutgoingMessage
    needs = MANAGE

    def visible(self, user: User) -> models.QuerySet[OutgoingMessage]:
        return OutgoingMessage.objects.visible_to(user).select_related("destination__site", "event")

    @extend_schema(parameters=[OutgoingQuery], responses=OutgoingSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Messages to the systems of your sites, newest first, without their texts."""
        rows = self.visible(self.user).filter(**self.query(OutgoingQuery)).defer("body", "answer")
        return self.page(rows, OutgoingSerializer)

    @extend_schema(responses=OutgoingTextSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One message with its text and its answer, which name a patient: opening it is recorded."""
        found = self.one()
        audit.record("hl7.opened", found, by=self.user, patient=found.patient_id or None, control_id=found.control_id)
        return Response(OutgoingTextSerializer(found).data)

    @extend_schema(request=None, responses=OutgoingSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: int) -> Response:
        """Put it into the queue again: the same bytes under the same number (MSH-10). 409 while it is on its way."""
        return Response(OutgoingSerializer(actions.send_again(self.one(), by=self.user)).data)

    @extend_schema(request=SetAsideBody, responses=OutgoingSerializer)
    @action(detail=True, methods=["post"], url_path="set-aside")
    def set_aside(self, request: Request, pk: int) -> Response:
        """It is not sent, and what waits behind it goes on. It can still be sent later."""
        found, body = self.one(), self.body(SetAsideBody)
        return Response(OutgoingSerializer(actions.set_aside(found, reason=body["reason"], by=self.user)).data)
