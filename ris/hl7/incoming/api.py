"""/api/v1/hl7-incoming/: messages that came in, doing one again, and trying one without effect."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.hl7.incoming import actions, permissions
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.serializers import (
    IncomingQuery,
    IncomingSerializer,
    IncomingTextSerializer,
    RehearsalSerializer,
    SenderSerializer,
    TryBody,
)


class IncomingViewSet(StationViewSet[InboundMessage]):
    model = InboundMessage
    needs = permissions.VIEW

    def visible(self, user: User) -> models.QuerySet[InboundMessage]:
        return InboundMessage.objects.visible_to(user).select_related("sender__site", "site").defer("raw", "answer")

    @extend_schema(parameters=[IncomingQuery], responses=IncomingSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Messages to your sites, newest first, without their texts."""
        return self.page(self.visible(self.user).filter(**self.query(IncomingQuery)), IncomingSerializer)

    @extend_schema(responses=IncomingSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """What became of one message, without its text."""
        return Response(IncomingSerializer(self.one()).data)

    @extend_schema(responses=IncomingTextSerializer)
    @action(detail=True, methods=["get"])
    def text(self, request: Request, pk: int) -> Response:
        """The text of one message, which names a patient: that you read it is recorded in the audit trail."""
        return Response({"text": actions.read_text(self.one(), by=self.user)})

    @extend_schema(request=None, responses=IncomingSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: int) -> Response:
        """Do it now, if it waits or was refused; `state` and `result` say what came of it. 409 when it was done."""
        actions.replay(self.one(), by=self.user)
        return Response(IncomingSerializer(self.one()).data)

    @extend_schema(responses=SenderSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def senders(self, request: Request) -> Response:
        """The systems as which a message can be tried."""
        return Response(SenderSerializer(permissions.senders_of(self.user), many=True).data)

    @extend_schema(request=TryBody, responses=RehearsalSerializer)
    @action(detail=False, methods=["post"], url_path="try")
    def rehearse(self, request: Request) -> Response:
        """What a message would do if it came from a sender; nothing of it stays, and nobody is answered."""
        body = self.body(TryBody)
        return Response(RehearsalSerializer(actions.rehearse(body["sender"], body["text"], by=self.user)).data)
