"""/api/v1/notices/: what one was told on the screen; /api/v1/patient-messages/: what was written to patients."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import Site, User
from ris.notifications import actions
from ris.notifications.channels import is_open
from ris.notifications.lifecycle import MESSAGE
from ris.notifications.models import EMAIL, KINDS, SMS, Message

OUTWARD = [(name, label) for name, label in MESSAGE.choices if name != "read"]


class OwnNoticeSerializer(serializers.ModelSerializer[Message]):
    """A notice of your own. `link` is the page that it leads to; `read_at` is empty while it is new."""

    class Meta:
        model = Message
        fields = ["id", "subject", "text", "link", "created_at", "read_at"]
        read_only_fields = fields


class NoticeQuery(serializers.Serializer[Any]):
    new = serializers.BooleanField(default=False, help_text="Only those that were not read.")


class ReadAllSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="How many were new.")


class NoticeViewSet(StationViewSet[Message]):
    """Everybody has notices, and nobody sees another's."""

    model = Message
    needs = ()

    def visible(self, user: User) -> models.QuerySet[Message]:
        return Message.objects.shown_to(user)

    @extend_schema(parameters=[NoticeQuery], responses=OwnNoticeSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Your own notices, newest first."""
        only_new = self.query(NoticeQuery)["new"]
        return self.page(Message.objects.unread_by(self.user) if only_new else self.get_queryset(), OwnNoticeSerializer)

    @extend_schema(request=None, responses=OwnNoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: int) -> Response:
        """You have seen it. Safe to repeat."""
        return Response(OwnNoticeSerializer(actions.read(self.one(), by=self.user)).data)

    @extend_schema(request=None, responses=ReadAllSerializer)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        """You have seen all of them."""
        return Response({"read": actions.read_all(by=self.user)})


class PatientMessageSerializer(serializers.ModelSerializer[Message]):
    """A message to a patient, or a letter to a colleague, without its words."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)

    class Meta:
        model = Message
        fields = ["id", "site", "kind", "channel", "address", "patient_id", "about_kind", "about_id", "state",
                  "attempts", "last_error", "created_at", "sent_at"]  # fmt: skip
        read_only_fields = fields


class PatientMessageQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(OUTWARD, required=False)
    kind = serializers.ChoiceField(KINDS, required=False)


class WaySerializer(serializers.Serializer[Any]):
    """Whether anything is sent this way at all; `setting` is what would open it."""

    channel = serializers.CharField()
    open = serializers.BooleanField()
    setting = serializers.CharField()


class PatientMessageViewSet(StationViewSet[Message]):
    model = Message
    needs = "delivery.manage"

    def visible(self, user: User) -> models.QuerySet[Message]:
        return Message.objects.visible_to(user).select_related("site").defer("text", "attachments")

    @extend_schema(parameters=[PatientMessageQuery], responses=PatientMessageSerializer(many=True))
    def list(self, request: Request) -> Response:
        """What was written to patients of your sites, newest first, and how it went."""
        return self.page(self.visible(self.user).filter(**self.query(PatientMessageQuery)), PatientMessageSerializer)

    @extend_schema(responses=WaySerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def ways(self, request: Request) -> Response:
        """Whether mail and SMS are set up."""
        ways = [(EMAIL, "EMAIL_URL"), (SMS, "SMS_WEBHOOK_URL")]
        rows = [{"channel": channel, "open": is_open(channel), "setting": setting} for channel, setting in ways]
        return Response(WaySerializer(rows, many=True).data)
