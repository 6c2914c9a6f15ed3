"""/api/v1/moves/: objects of the archive on their way to another patient or accession number."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import ReasonBody
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import Site, User
from worklist.lifecycle import REHOMING
from worklist.rehoming.actions import retry_rehoming
from worklist.rehoming.giving_up import give_up_rehoming
from worklist.rehoming.rows import KINDS, Rehoming


class WhoseSerializer(serializers.Serializer[Any]):
    """Under which number and accession number; empty where it is not said."""

    patient_id = serializers.CharField()
    accession = serializers.CharField()


class MoveSerializer(serializers.ModelSerializer[Rehoming]):
    """A study, or some series of it, on its way. `was` and `wanted` are what stands in the objects."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True, allow_null=True)
    kind = serializers.ChoiceField(KINDS, read_only=True)
    series = serializers.ListField(child=serializers.CharField(), read_only=True)
    was = serializers.SerializerMethodField()
    wanted = serializers.SerializerMethodField()

    class Meta:
        model = Rehoming
        fields = ["id", "site", "study", "kind", "state", "reason", "was", "wanted", "series", "total", "moved",
                  "problem", "asked_by", "asked_at", "done_at"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(WhoseSerializer)
    def get_was(self, row: Rehoming) -> dict[str, str]:
        return _whose(row.was)

    @extend_schema_field(WhoseSerializer)
    def get_wanted(self, row: Rehoming) -> dict[str, str]:
        return _whose(row.wanted)


def _whose(identity: dict[str, Any]) -> dict[str, str]:
    return {name: identity.get(name) or "" for name in ("patient_id", "accession")}


class MoveQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(REHOMING.choices, required=False)


class MoveViewSet(StationViewSet[Rehoming]):
    model = Rehoming
    needs = "study.reconcile"

    def visible(self, user: User) -> models.QuerySet[Rehoming]:
        return Rehoming.objects.visible_to(user).select_related("study", "site")

    @extend_schema(parameters=[MoveQuery], responses=MoveSerializer(many=True))
    def list(self, request: Request) -> Response:
        """What waits for a person first, then what is under way, then the newest."""
        rows = self.visible(self.user).filter(**self.query(MoveQuery))
        return self.page(rows.most_urgent_first(), MoveSerializer)  # type: ignore[attr-defined]

    @extend_schema(responses=MoveSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One move: how far it is, and why it waits."""
        return Response(MoveSerializer(self.one()).data)

    @extend_schema(request=None, responses=MoveSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """What was wrong has been put right; 409 when it did not fail."""
        retry_rehoming(self.one(), by=self.user)
        return Response(MoveSerializer(self.one()).data)

    @extend_schema(request=ReasonBody, responses=MoveSerializer)
    @action(detail=True, methods=["post"], url_path="give-up")
    def give_up(self, request: Request, pk: int) -> Response:
        """It cannot be put right: what was moved goes back, and the study waits to be linked again."""
        give_up_rehoming(self.one(), why=self.body(ReasonBody)["reason"], by=self.user)
        return Response(MoveSerializer(self.one()).data)
