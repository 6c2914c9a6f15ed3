"""/api/v1/webhooks/: programs that are told of events of a site, set up by its administrators."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.models import User
from ris.accounts.settings_api import SettingsViewSet
from ris.accounts.settings_fields import SettingSerializer
from ris.webhooks.actions import add_webhook, change_webhook, renew_secret
from ris.webhooks.kinds import EVERYTHING, OFFERED
from ris.webhooks.models import Webhook

MANAGE = "delivery.manage"


class WebhookSerializer(SettingSerializer):
    """A program that is told. Its secret is never shown again."""

    permission = MANAGE
    kinds = serializers.ListField(
        child=serializers.ChoiceField([EVERYTHING, *OFFERED]), min_length=1, max_length=len(OFFERED) + 1,
        help_text="* for all that are offered.",
    )  # fmt: skip

    class Meta:
        model = Webhook
        fields = ["id", "site", "name", "url", "kinds", "active", "answered_at", "failing_since", "last_error"]
        read_only_fields = ["answered_at", "failing_since", "last_error"]


class NewWebhookSerializer(WebhookSerializer):
    """The same with its secret, this one time."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookViewSet(SettingsViewSet[Webhook]):
    """Programs that are told of events. One is switched off, not deleted: what it was told stays readable."""

    model, form = Webhook, WebhookSerializer
    needs = MANAGE
    fixed = ("site",)

    def visible(self, user: User) -> models.QuerySet[Webhook]:
        return Webhook.objects.visible_to(user).select_related("site")

    @extend_schema(request=WebhookSerializer, responses={201: NewWebhookSerializer})
    def create(self, request: Request) -> Response:
        """Enter a program; its secret is in this answer and in none after it."""
        webhook = Webhook(**self.body(WebhookSerializer))
        return self._with_secret(webhook, add_webhook(webhook, by=self.user), status=201)

    @extend_schema(request=None, responses=NewWebhookSerializer)
    @action(detail=True, methods=["post"], url_path="new-secret")
    def new_secret(self, request: Request, pk: int) -> Response:
        """Another secret from now on, in this answer and in none after it."""
        webhook = self.one()
        return self._with_secret(webhook, renew_secret(webhook, by=self.user))

    def store(self, row: Webhook, *, fields: dict[str, Any], many: dict[str, Any]) -> Webhook:
        change_webhook(row, by=self.user)
        return row

    def _with_secret(self, webhook: Webhook, secret: str, *, status: int = 200) -> Response:
        webhook.secret = secret  # type: ignore[attr-defined]
        return Response(NewWebhookSerializer(webhook).data, status=status)
