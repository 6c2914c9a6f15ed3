"""/api/v1/report-templates/: what reports begin with, as data and as MRRT files."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.actions.templates import TemplateData
from reporting.models import ReportTemplate
from reporting.templates.mrrt import write
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User


class TemplateSerializer(serializers.ModelSerializer[ReportTemplate]):
    """A published template in a list."""

    modality = serializers.CharField(read_only=True)

    class Meta:
        model = ReportTemplate
        fields = ["id", "key", "version", "title", "modality", "body_part", "state", "published_at"]
        read_only_fields = fields


class TemplateDetailSerializer(TemplateSerializer):
    """A template with its sections and fields."""

    sections = serializers.ListField(child=serializers.DictField(), read_only=True)
    fields = serializers.ListField(child=serializers.DictField(), read_only=True)  # type: ignore[assignment]
    about = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta(TemplateSerializer.Meta):
        fields = [*TemplateSerializer.Meta.fields, "about", "sections", "fields"]
        read_only_fields = fields


class TemplateQuery(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=50, default="", allow_blank=True)
    modality = serializers.CharField(max_length=2, default="", allow_blank=True)


class HtmlRenderer(BaseRenderer):
    """Lets a client ask for text/html; the file is what the admin exports."""

    media_type = "text/html"
    format = "html"

    def render(self, data: Any, *_: Any) -> str:
        return str(data)


class TemplateViewSet(StationViewSet[ReportTemplate]):
    """Templates are for those who write or read reports. They are changed in the admin."""

    model = ReportTemplate
    needs = "report.view"

    def visible(self, user: User) -> models.QuerySet[ReportTemplate]:
        return ReportTemplate.objects.published()

    @extend_schema(parameters=[TemplateQuery], responses=TemplateSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The published templates, by title."""
        asked = {name: value for name, value in self.query(TemplateQuery).items() if value}
        return self.page(self.visible(self.user).filter(**asked), TemplateSerializer)

    @extend_schema(responses=TemplateDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One template with its sections and fields."""
        return Response(TemplateDetailSerializer(self.one()).data)

    @extend_schema(responses={(200, "text/html"): OpenApiTypes.STR})
    @action(detail=True, methods=["get"], renderer_classes=[HtmlRenderer, JSONRenderer])
    def mrrt(self, request: Request, pk: int) -> HttpResponse:
        """The template as an MRRT file (HTML5), to be saved and not to be shown."""
        row = self.one()
        headers = {"Content-Disposition": f'attachment; filename="{row.key}-v{row.version}.html"'}
        return HttpResponse(
            write(TemplateData.of(row).columns()), content_type="text/html; charset=utf-8", headers=headers
        )
