"""GET /api/v1/figures/: the tables of the dashboard, for programs that draw or count on their own."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_bodies import SiteField
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.dashboards import figures
from ris.dashboards.models import ExamDay
from ris.dicom.models import MODALITIES


class TableSerializer(serializers.Serializer[Any]):
    """A table as it stands on the page: the first column names the row; null where there is nothing to count."""

    key = serializers.CharField()
    title = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField(allow_null=True)))


class FiguresQuery(serializers.Serializer[Any]):
    """Of all your sites and modalities unless one is named, over 30 days unless another period is."""

    site = SiteField("figures.view", required=False)
    modality = serializers.ChoiceField(MODALITIES, required=False)
    period = serializers.ChoiceField(list(figures.PERIODS.items()), default=figures.USUAL, help_text="Days.")


class FigureViewSet(StationViewSet[ExamDay]):
    model = ExamDay
    needs = "figures.view"

    def visible(self, user: User) -> models.QuerySet[ExamDay]:
        return ExamDay.objects.visible_to(user)

    @extend_schema(parameters=[FiguresQuery], responses=TableSerializer(many=True))
    def list(self, request: Request) -> Response:
        """How long things take, how much is done, who did not come, how rooms are used, what waits."""
        query = self.query(FiguresQuery)
        site = str(query["site"].pk) if "site" in query else ""
        asked = figures.Asked(site, query.get("modality", ""), query["period"])
        audit.record("dashboard.exported", ("dashboard", "api"), by=self.user)
        tables = self.paginate_queryset(figures.tables(self.user, asked))  # type: ignore[arg-type]  # any sequence
        return self.get_paginated_response(TableSerializer(tables, many=True).data)
