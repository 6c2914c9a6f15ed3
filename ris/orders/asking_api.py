"""/api/v1/protocols/ and /api/v1/safety-answers/: how an exam is to be done, and whether it may begin."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import ReasonBody, Strict, VisibleField
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.orders import actions
from ris.orders.lifecycle import PROTOCOL
from ris.orders.models import Order, Protocol, SafetyAnswer
from ris.orders.safety import EFFECTS, KINDS

EGFR = OpenApiExample(
    "A laboratory value",
    value={"order": 2, "kind": "egfr", "value": "58", "measured_on": "2026-03-01", "source": "Laboratory"},
    request_only=True,
)

SAFETY_KINDS = [(key, kind.label) for key, kind in KINDS.items()]


class ProtocolSerializer(serializers.ModelSerializer[Protocol]):
    """How an exam is to be done."""

    order = serializers.IntegerField(source="requested_procedure.order_id", read_only=True)

    class Meta:
        model = Protocol
        fields = ["id", "order", "requested_procedure", "state", "text", "reason", "decided_at", "decided_by_name"]
        read_only_fields = fields


class ProtocolQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(PROTOCOL.choices, required=False)


class ApproveBody(Strict):
    text = serializers.CharField(max_length=20_000, help_text="What the technologist follows.")


class ProtocolViewSet(StationViewSet[Protocol]):
    model = Protocol
    needs = "order.view"

    def visible(self, user: User) -> models.QuerySet[Protocol]:
        return Protocol.objects.visible_to(user).select_related("requested_procedure__order")

    @extend_schema(parameters=[ProtocolQuery], responses=ProtocolSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Protocols of open orders of your sites."""
        rows = self.visible(self.user).of_open_orders()  # type: ignore[attr-defined]
        return self.page(rows.filter(**self.query(ProtocolQuery)), ProtocolSerializer)

    @extend_schema(request=ApproveBody, responses=ProtocolSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """Decide how the exam is done; the device gets it with its worklist entry."""
        actions.decide_protocol(self.one(), text=self.body(ApproveBody)["text"], by=self.user)
        return Response(ProtocolSerializer(self.one()).data)

    @extend_schema(request=ReasonBody, responses=ProtocolSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: int) -> Response:
        """To the desk, with a reason."""
        actions.return_protocol(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return Response(ProtocolSerializer(self.one()).data)

    @extend_schema(request=None, responses=ProtocolSerializer)
    @action(detail=True, methods=["post"], url_path="ask-again")
    def ask_again(self, request: Request, pk: int) -> Response:
        """The desk has done what was asked."""
        actions.ask_protocol_again(self.one(), by=self.user)
        return Response(ProtocolSerializer(self.one()).data)


class SafetySerializer(serializers.ModelSerializer[SafetyAnswer]):
    """An answer to a question of safety; the newest of a kind is `current`."""

    class Meta:
        model = SafetyAnswer
        fields = ["id", "order", "kind", "value", "unit", "measured_on", "source", "effect", "current", "answered_at",
                  "answered_by_name", "overridden_at", "overridden_by_name", "override_reason"]  # fmt: skip
        read_only_fields = fields


class SafetyQuery(serializers.Serializer[Any]):
    order = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class AnswerBody(Strict):
    order = VisibleField(Order.objects.visible_to)
    kind = serializers.ChoiceField(SAFETY_KINDS)
    value = serializers.CharField(max_length=40)
    measured_on = serializers.DateField()
    source = serializers.CharField(max_length=80, help_text="Who or what says so.")  # type: ignore[assignment]
    effect = serializers.ChoiceField(EFFECTS, default="none")


class SafetyViewSet(StationViewSet[SafetyAnswer]):
    model = SafetyAnswer
    needs = "order.view"

    def visible(self, user: User) -> models.QuerySet[SafetyAnswer]:
        return SafetyAnswer.objects.visible_to(user).select_related("order")

    @extend_schema(parameters=[SafetyQuery], responses=SafetySerializer(many=True))
    def list(self, request: Request) -> Response:
        """Answers of orders of your sites, or of one order; earlier ones too."""
        return self.page(self.visible(self.user).filter(**self.query(SafetyQuery)), SafetySerializer)

    @extend_schema(request=AnswerBody, responses={201: SafetySerializer}, examples=[EGFR])
    def create(self, request: Request) -> Response:
        """Answer a question that an exam asks; an earlier answer stays on record."""
        body = self.body(AnswerBody)
        kept = actions.answer_safety(body.pop("order"), answer=actions.Answer(**body), by=self.user)
        return Response(SafetySerializer(kept).data, status=201)

    @extend_schema(request=ReasonBody, responses=SafetySerializer)
    @action(detail=True, methods=["post"])
    def override(self, request: Request, pk: int) -> Response:
        """A physician takes a hard stop upon themselves."""
        actions.override_stop(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return Response(SafetySerializer(self.one()).data)
