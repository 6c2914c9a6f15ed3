"""/api/v1/exports/: studies that leave the house as a ZIP, for the patient or a doctor."""

from __future__ import annotations

from django.core.handlers.asgi import ASGIRequest
from django.db import models
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_files import ZipRenderer
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from worklist.outside.exporting import ask_export
from worklist.outside.rows import StudyExport
from worklist.outside.serializers import ExportBody, ExportQuery, ExportSerializer
from worklist.outside.streaming import zip_answer


class ExportViewSet(StationViewSet[StudyExport]):
    """What the caller asked for; nobody else sees or fetches it."""

    model = StudyExport
    needs = "study.export"

    def visible(self, user: User) -> models.QuerySet[StudyExport]:
        return StudyExport.objects.visible_to(user).select_related("study", "site")

    @extend_schema(parameters=[ExportQuery], responses=ExportSerializer(many=True))
    def list(self, request: Request) -> Response:
        """What you asked for, newest first."""
        return self.page(self.visible(self.user).filter(**self.query(ExportQuery)), ExportSerializer)

    @extend_schema(responses=ExportSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One of them: whether it is made."""
        return Response(ExportSerializer(self.one()).data)

    @extend_schema(request=ExportBody, responses={201: ExportSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a study as a ZIP with DICOMDIR; it is made in the background."""
        body = self.body(ExportBody)
        row = ask_export(body.pop("study"), **body, by=self.user)
        return Response(ExportSerializer(row).data, status=201)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], renderer_classes=[ZipRenderer, JSONRenderer])
    def file(self, request: Request, pk: int) -> HttpResponseBase:
        """The ZIP. Each time it is fetched is recorded; 404 when it is not made, gone, or the study changed since."""
        later = isinstance(request._request, ASGIRequest)  # noqa: SLF001  DRF has no other name for what it wraps
        return zip_answer(self.one(), by=self.user, later=later)
