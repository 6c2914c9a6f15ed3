"""/api/v1/papers/: paper requests that are kept with orders."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import LARGEST_ID, ReasonBody, Strict, VisibleField
from ris.accounts.api_files import JpegRenderer, PdfRenderer
from ris.accounts.api_parsing import StrictJSONParser
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.orders import actions, files
from ris.orders.models import Attachment, Order
from ris.orders.opening import opened


class PaperSerializer(serializers.ModelSerializer[Attachment]):
    """A paper of an order, without its file. One that was withdrawn stays, and is not to be used."""

    class Meta:
        model = Attachment
        fields = ["id", "order", "name", "content_type", "size", "sha256", "added_at", "added_by_name", "withdrawn_at",
                  "withdrawn_by_name", "withdraw_reason"]  # fmt: skip
        read_only_fields = fields


class PaperQuery(serializers.Serializer[Any]):
    order = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


class PaperBody(Strict):
    order = VisibleField(Order.objects.visible_to)
    file = serializers.FileField(help_text="A PDF or a JPEG of at most 20 MB; its bytes tell which, not its name.")


class PaperViewSet(StationViewSet[Attachment]):
    model = Attachment
    needs = "order.view"
    parser_classes = [StrictJSONParser, MultiPartParser]

    def visible(self, user: User) -> models.QuerySet[Attachment]:
        return Attachment.objects.visible_to(user).select_related("order")

    @extend_schema(parameters=[PaperQuery], responses=PaperSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Papers of the orders of your sites, or of one `order`."""
        return self.page(self.visible(self.user).filter(**self.query(PaperQuery)), PaperSerializer)

    @extend_schema(responses=PaperSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One paper, without its file."""
        return Response(PaperSerializer(self.one()).data)

    @extend_schema(request={"multipart/form-data": PaperBody}, responses={201: PaperSerializer})
    def create(self, request: Request) -> Response:
        """Keep a paper request with an order; the same file again is the paper that is there."""
        body = self.body(PaperBody)
        upload = body["file"]
        paper = actions.attach(body["order"], name=upload.name, body=files.body_of(upload), by=self.user)
        return Response(PaperSerializer(paper).data, status=201)

    @extend_schema(responses={(200, kind): OpenApiTypes.BINARY for kind in (files.PDF, files.JPEG)})
    @action(detail=True, methods=["get"], renderer_classes=[PdfRenderer, JpegRenderer, JSONRenderer])
    def file(self, request: Request, pk: int) -> HttpResponse:
        """The file as it was kept. Opening it is recorded in the audit trail."""
        return opened(self.one(), by=self.user)

    @extend_schema(request={"application/json": ReasonBody}, responses=PaperSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """It is the wrong paper: it is kept, and marked with the reason."""
        paper = actions.withdraw_paper(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return Response(PaperSerializer(paper).data)
