"""/api/v1/api-tokens/: keys of programs, told once; none reaches further than the one it was asked for with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import Strict
from ris.accounts.api_stations import StationViewSet
from ris.accounts.configuring import CONFIGURE
from ris.accounts.issuing import issue, revoke
from ris.accounts.models import ApiToken, User
from ris.accounts.scopes import CHOICES, EVERYTHING

MOST_DAYS: Final = 3650


class ApiTokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A program's key, of which only a hash is kept."""

    user = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ApiToken
        fields = ["id", "name", "user", "scopes", "read_only", "created_at", "expires_at"]
        read_only_fields = fields


class NewTokenSerializer(ApiTokenSerializer):
    """The same with its key, this one time."""

    key = serializers.CharField(read_only=True)

    class Meta(ApiTokenSerializer.Meta):
        fields = [*ApiTokenSerializer.Meta.fields, "key"]
        read_only_fields = fields


class TokenBody(Strict):
    """For which program, with whose rights, for which areas, and for how long."""

    name = serializers.CharField(max_length=80)
    user = serializers.SlugRelatedField[User](slug_field="username", queryset=User.objects.filter(is_active=True))
    scopes = serializers.ListField(
        child=serializers.ChoiceField([scope for scope, _words in CHOICES]), min_length=1, max_length=len(CHOICES)
    )
    read_only = serializers.BooleanField(  # type: ignore[assignment]
        default=True, help_text="Beside `*`: may look and not change."
    )
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=90)

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        if EVERYTHING in scopes and len(set(scopes)) > 1:
            raise serializers.ValidationError("Choose everything, or choose areas.")
        return list(dict.fromkeys(scopes))


class TokenQuery(serializers.Serializer[Any]):
    user = serializers.CharField(source="user__username", max_length=150, required=False, help_text="Whose.")


class ApiTokenViewSet(StationViewSet[ApiToken]):
    model = ApiToken
    needs = CONFIGURE

    def visible(self, user: User) -> models.QuerySet[ApiToken]:
        return ApiToken.objects.select_related("user").order_by("pk")

    @extend_schema(parameters=[TokenQuery], responses=ApiTokenSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Tokens of all programs, without their keys."""
        return self.page(self.visible(self.user).filter(**self.query(TokenQuery)), ApiTokenSerializer)

    @extend_schema(responses=ApiTokenSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One token, without its key."""
        return Response(ApiTokenSerializer(self.one()).data)

    @extend_schema(request=TokenBody, responses={201: NewTokenSerializer})
    def create(self, request: Request) -> Response:
        """Give a program its key, which is in this answer and in none after it.

        Asked for with a token, it has no scope and lasts no longer than that token.
        """
        body = self.body(TokenBody)
        expires_at = timezone.now() + timedelta(days=body.pop("days"))
        token = ApiToken(**body, expires_at=expires_at)
        within = request.auth if isinstance(request.auth, ApiToken) else None
        token.key = issue(token, by=self.user, within=within)  # type: ignore[attr-defined]
        return Response(NewTokenSerializer(token).data, status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: int) -> Response:
        """Take it back: the program is answered 401 from now on."""
        revoke(self.one(), by=self.user)
        return Response(status=204)
