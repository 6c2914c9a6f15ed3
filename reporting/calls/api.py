"""GET /api/v1/reports/call-back/: the reports that somebody who calls may mean, found as on the page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.calls.asking import reports_for
from reporting.models import Report
from reporting.permissions import may_sign_final
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User


class CallQuery(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=100, help_text="Accession number, a number of the patient, or the name.")


class CalledReportSerializer(serializers.Serializer[Any]):
    """Enough to tell reports apart while somebody waits on the telephone; opening one is recorded."""

    report = serializers.IntegerField(source="pk")
    site = serializers.CharField(source="site.code")
    title = serializers.CharField(source="template.title")
    patient = serializers.IntegerField(source="task.patient.current_id")
    patient_name = serializers.CharField(source="task.patient.current.display_name")
    birth_date = serializers.DateField(source="task.patient.current.birth_date", allow_null=True)
    accession_numbers = serializers.SerializerMethodField()
    kind = serializers.CharField(
        source="newest_that_left.kind", help_text="Of the newest version that has left: a withdrawal does not count."
    )
    images_moved = serializers.BooleanField()
    amends = serializers.SerializerMethodField(help_text="Whether you may add to it.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_accession_numbers(self, report: Report) -> list[str]:
        version = report.newest_that_left
        return list(version.accession_numbers) if version else []

    def get_amends(self, report: Report) -> bool:
        user: User = self.context["user"]
        return may_sign_final(user, report)


class CallSerializer(serializers.Serializer[Any]):
    """`sure`: one person and one report can be meant. `others` are preliminary or were withdrawn."""

    sure = serializers.BooleanField()
    similar = serializers.BooleanField(help_text="Nobody has just this name: ask for the date of birth.")
    reports = CalledReportSerializer(many=True)
    others = CalledReportSerializer(many=True)


class CallDoor(StationViewSet[Report]):
    """What ReportViewSet can besides."""

    @extend_schema(parameters=[CallQuery], responses=CallSerializer)
    @action(detail=False, methods=["get"], url_path="call-back", pagination_class=None)
    def call_back(self, request: Request) -> Response:
        """The reports that a caller may mean, newest first, at most twenty."""
        words = " ".join(self.query(CallQuery)["q"].split())
        return Response(CallSerializer(reports_for(words, self.user), context={"user": self.user}).data)
