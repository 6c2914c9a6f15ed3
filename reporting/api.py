"""/api/v1/reports/: reading reports, saving drafts, fetching what was signed. Signing is not done here."""

from __future__ import annotations

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from reporting import actions
from reporting.actions.returning import return_to_author
from reporting.batch.choosing import candidates
from reporting.calls.api import CallDoor
from reporting.delay.actions import recall_report, release_now
from reporting.entries import FieldChanges
from reporting.finding.api import SearchDoor
from reporting.handing import STANDING, handed, note_handed
from reporting.models import Report, ReportQuerySet, ReportVersion
from reporting.moved.reading import told_of_moves
from reporting.printing.api import PrintDoor
from reporting.refilled import shown_of
from reporting.serializers import (
    DraftBody,
    ReportDetailSerializer,
    ReportQuery,
    ReportSerializer,
    ReturnBody,
    WaitingSerializer,
)
from reporting.verifying.asking import WORDS
from reporting.writing_api import WritingDoors
from ris import audit
from ris.accounts.api_files import PDF, PdfRenderer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.errors import NotFound

STANDS = OpenApiParameter(
    STANDING, OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200], enum=WORDS,
    description="How the version stands now; the file's name says it too, unless it is `current`.",
)  # fmt: skip


class ReportViewSet(SearchDoor, CallDoor, PrintDoor, WritingDoors):
    """Signing needs the password or second factor once more, in a browser: it is deliberately not part of the API."""

    model = Report
    needs = "report.view"

    def visible(self, user: User) -> ReportQuerySet:
        rows = told_of_moves(Report.objects.visible_to(user)).select_related("site", "template", "task")
        versions = ReportVersion.objects.readable_by(user).select_related("signature", "recall")
        return rows.prefetch_related("task__requested_procedures", models.Prefetch("versions", versions))

    @extend_schema(parameters=[ReportQuery], responses=ReportSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Reports of your sites, newest first; unsigned ones for those who write reports only."""
        query, rows = self.query(ReportQuery), self.visible(self.user)
        chosen: dict[str, object] = {}
        if "state" in query:
            rows = rows.outwardly(query["state"])
        if "patient" in query:
            chosen["task__patient"] = query["patient"]
        if query["accession"]:
            numbered = Report.objects.filter(
                task__requested_procedures__accession_number__istartswith=query["accession"]
            )
            chosen["pk__in"] = numbered.values("pk")
        return self.page(rows.filter(**chosen), ReportSerializer)

    @extend_schema(responses=ReportDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One report with its signed versions. Opening it is recorded in the audit trail."""
        report = self.one()
        audit.record("report.viewed", report, by=self.user, patient=report.task.patient_id, **shown_of(report))
        return self._written(report)

    @extend_schema(request=DraftBody, responses=ReportDetailSerializer)
    @action(detail=True, methods=["put"])
    def draft(self, request: Request, pk: int) -> Response:
        """Save texts of a case that you hold; 409 when `revision` is not the latest.

        Signing needs the password or second factor once more, so it happens in the reading room and not here.
        """
        body = self.body(DraftBody)
        changes = FieldChanges(body["fields"], frozenset(body["removed_fields"]))
        report = self.one()
        actions.save_draft(report, revision=body["revision"], sections=body["sections"], fields=changes, by=self.user)
        return self._written(self.one())

    @extend_schema(request=ReturnBody, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: int) -> Response:
        """Give a preliminary report back to its author, who is told why."""
        return_to_author(self.one(), comment=self.body(ReturnBody)["comment"], by=self.user)
        return self._written(self.one())

    @extend_schema(request=None, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: int) -> Response:
        """Take your own signature back while the report waits for its release; 409 when it has left."""
        recall_report(self.one(), by=self.user)
        return self._written(self.one())

    @extend_schema(request=None, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"], url_path="send-now")
    def send_now(self, request: Request, pk: int) -> Response:
        """Let your own signed report go before its time; 409 when it has left."""
        release_now(self.one(), by=self.user)
        return self._written(self.one())

    @extend_schema(responses=WaitingSerializer(many=True))
    @action(detail=False, methods=["get"], url_path="to-sign", pagination_class=None)
    def to_sign(self, request: Request) -> Response:
        """Your reports that wait for a signature, and why one cannot be signed together with others.

        Signing itself needs the password or second factor once more, in a browser.
        """
        rows = candidates(self.user)
        for row in rows:
            audit.record("report.listed", row.report, by=self.user, patient=row.report.task.patient_id)
        return Response(WaitingSerializer(rows, many=True).data)

    def _written(self, report: Report) -> Response:
        return Response(ReportDetailSerializer(report, context={"user": self.user}).data)


class VersionViewSet(StationViewSet[ReportVersion]):
    model = ReportVersion
    needs = "report.view"
    renderer_classes = [PdfRenderer, JSONRenderer]

    def visible(self, user: User) -> models.QuerySet[ReportVersion]:
        return ReportVersion.objects.readable_by(user).select_related("report__task")

    @extend_schema(parameters=[STANDS], responses=PDF)
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: int) -> HttpResponse:
        """The signed PDF, byte for byte; header and file name say when it is not what counts. Fetching is recorded."""
        version = self.one()
        paper = handed(version)
        if paper is None:
            raise NotFound("This version has no signed PDF.")
        note_handed(paper, by=self.user)
        headers = paper.headers(f"report-{version.report_id}")
        return HttpResponse(paper.body, content_type="application/pdf", headers=headers)
