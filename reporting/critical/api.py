"""/api/v1/critical-findings/: flagging, telling, taking back; /critical-audit/: all of it as a table."""

from __future__ import annotations

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.actions import critical as actions
from reporting.critical.exporting import csv_answer
from reporting.critical.record import CriticalFinding
from reporting.critical.serializers import CriticalQuery, CriticalSerializer, FlagBody, TellBody
from ris import audit
from ris.accounts.api_bodies import ReasonBody
from ris.accounts.api_files import CsvRenderer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User

FLAGGED = OpenApiExample(
    "A pneumothorax",
    value={"case": 2, "category": 1, "finding": "Tension pneumothorax, left", "recipient": "Dr. Ward"},
    request_only=True,
)
TOLD = OpenApiExample(
    "By telephone, read back",
    value={"told": "Dr. Ward", "way": "phone", "at": "2026-03-05T10:12:00+01:00", "reached": True, "read_back": True},
    request_only=True,
)


class CriticalViewSet(StationViewSet[CriticalFinding]):
    model = CriticalFinding
    needs = "report.view"

    def visible(self, user: User) -> models.QuerySet[CriticalFinding]:
        rows = CriticalFinding.objects.visible_to(user).select_related("site", "task", "flagged_by")
        return rows.prefetch_related("communications__by")

    @extend_schema(parameters=[CriticalQuery], responses=CriticalSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Critical findings of your sites, the most urgent first."""
        query = self.query(CriticalQuery)
        if "case" in query:
            query["task"] = query.pop("case")
        return self.page(self.visible(self.user).filter(**query), CriticalSerializer)

    @extend_schema(responses=CriticalSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One finding. Opening it is recorded in the audit trail."""
        found = self.one()
        audit.record("critical.viewed", found, by=self.user, patient=found.task.patient_id)
        return Response(CriticalSerializer(found).data)

    @extend_schema(request=FlagBody, responses={201: CriticalSerializer}, examples=[FLAGGED])
    def create(self, request: Request) -> Response:
        """Say that somebody must be told; the clock starts now."""
        body = self.body(FlagBody)
        kept = actions.flag(body.pop("case"), by=self.user, **body)
        return Response(CriticalSerializer(self.visible(self.user).get(pk=kept.pk)).data, status=201)

    @extend_schema(request=TellBody, responses=CriticalSerializer, examples=[TOLD])
    @action(detail=True, methods=["post"])
    def tell(self, request: Request, pk: int) -> Response:
        """Write an attempt down."""
        actions.tell(self.one(), actions.Attempt(**self.body(TellBody)), by=self.user)
        return Response(CriticalSerializer(self.one()).data)

    @extend_schema(request=ReasonBody, responses=CriticalSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take a finding back that was none; what was told of it stays on record."""
        actions.withdraw(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return Response(CriticalSerializer(self.one()).data)


class CriticalAuditViewSet(StationViewSet[CriticalFinding]):
    """For those who answer for a site, who need not see its reports."""

    model = CriticalFinding
    needs = "audit.view"
    renderer_classes = [CsvRenderer, JSONRenderer]
    pagination_class = None

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def list(self, request: Request) -> HttpResponse:
        """Every finding and every attempt to tell it, as CSV. Of patients the accession numbers. It is recorded."""
        return csv_answer(self.user)
