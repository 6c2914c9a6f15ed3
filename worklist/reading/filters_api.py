"""/api/v1/filters/: named ways to narrow the reading list, one's own and those that are shared with one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import SiteField, Strict, VisibleField
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import Site, User
from worklist.actions.filters import drop_filter, keep_filter
from worklist.reading.filters import LONGEST, Filter
from worklist.reading.saved import SavedFilter
from worklist.reading.staff import ReadingGroup

NARROWED = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=LONGEST))


class FilterSerializer(serializers.ModelSerializer[SavedFilter]):
    """A filter by its name; `filter` has what the list is narrowed by, as the address of the page writes it."""

    owner = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True, allow_null=True)
    filter = serializers.SerializerMethodField()

    class Meta:
        model = SavedFilter
        fields = ["id", "name", "owner", "site", "group", "filter"]
        read_only_fields = fields

    @extend_schema_field(NARROWED)
    def get_filter(self, row: SavedFilter) -> dict[str, str]:
        return {name: value for name, value in asdict(Filter.of_query(row.query)).items() if value}


class FilterBody(Strict):
    """A name, and what the list is narrowed by; for yourself, or also for a group or for all who read at a site."""

    name = serializers.CharField(max_length=40)
    filter = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=LONGEST),
        help_text="whose, priority, modality, part, site, due, q, sort, age, images, report, assigned, reader.",
    )
    site = SiteField("reading.list", required=False)
    group = VisibleField(ReadingGroup.objects.visible_to, required=False)

    def validate_filter(self, said: dict[str, str]) -> Filter:
        """The page leaves out what an address says wrongly; a program is told."""
        found = Filter.read(said)
        kept = asdict(found)
        wrong = [name for name, value in said.items() if kept.get(name) != value.strip()]
        if wrong:
            raise serializers.ValidationError(f"The list cannot be narrowed so: {', '.join(sorted(wrong))}.")
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "site" in attrs and "group" in attrs:
            raise serializers.ValidationError({"group": "For a site or for a group, not for both."})
        return attrs


class FilterViewSet(StationViewSet[SavedFilter]):
    model = SavedFilter
    needs = "reading.list"

    def visible(self, user: User) -> models.QuerySet[SavedFilter]:
        return SavedFilter.objects.visible_to(user).select_related("owner", "site")

    @extend_schema(responses=FilterSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Your own filters, those of your groups, and those of the sites where you read."""
        return self.page(self.visible(self.user), FilterSerializer)

    @extend_schema(request=FilterBody, responses={201: FilterSerializer})
    def create(self, request: Request) -> Response:
        """Keep a filter under a name; one of yours with the same name gives way."""
        body = self.body(FilterBody)
        kept = keep_filter(body.pop("filter"), by=self.user, **body)
        return Response(FilterSerializer(kept).data, status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: int) -> Response:
        """Drop a filter of your own."""
        drop_filter(self.one(), by=self.user)
        return Response(status=204)
