"""/api/v1/deliveries/: what is on its way to others, and sending again what waits for a person."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import Strict
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.events import outbox
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event on its way to one part that must act on it."""

    kind = serializers.CharField(source="event.kind", read_only=True)
    at = serializers.DateTimeField(source="event.at", read_only=True)

    class Meta:
        model = Delivery
        fields = ["id", "event", "kind", "at", "subscriber", "state", "attempts", "next_at", "last_error", "done_at"]
        read_only_fields = fields


class DeliveryQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(DELIVERY.choices, required=False)


class ResendBody(Strict):
    """For which part of what is parked."""

    subscriber = serializers.CharField(max_length=64)


class ResentSerializer(serializers.Serializer[Any]):
    resent = serializers.IntegerField(help_text="How many are in the queue again; ask once more while it is not 0.")


class DeliveryViewSet(StationViewSet[Delivery]):
    model = Delivery
    needs = "delivery.manage"

    def visible(self, user: User) -> models.QuerySet[Delivery]:
        return Delivery.objects.visible_to(user).select_related("event")

    @extend_schema(parameters=[DeliveryQuery], responses=DeliverySerializer(many=True))
    def list(self, request: Request) -> Response:
        """Deliveries of your sites, newest first."""
        return self.page(
            self.visible(self.user).filter(**self.query(DeliveryQuery)).order_by("-pk"), DeliverySerializer
        )

    @extend_schema(request=None, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: int) -> Response:
        """Put a parked one back into the queue."""
        outbox.resend(self.one(), by=self.user)
        return Response(DeliverySerializer(self.one()).data)

    @extend_schema(request=ResendBody, responses=ResentSerializer)
    @action(detail=False, methods=["post"], url_path="resend-all")
    def resend_all(self, request: Request) -> Response:
        """Put everything of your sites that is parked for one subscriber back into the queue, oldest first."""
        subscriber = self.body(ResendBody)["subscriber"]
        return Response(ResentSerializer({"resent": outbox.resend_all(subscriber, by=self.user)}).data)
