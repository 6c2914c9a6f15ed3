"""/api/v1/outside-deliveries/: discs and images of other houses, from the first file to the archive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_files import StreamParser
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.errors import InvalidInput
from worklist.outside import actions
from worklist.outside.comparing import compared, studies_in
from worklist.outside.rows import OutsideImport
from worklist.outside.serializers import (
    CompareQuery,
    OutsideBeginBody,
    OutsideDeliveryDetailSerializer,
    OutsideDeliveryQuery,
    OutsideDeliverySerializer,
    OutsideDifferenceSerializer,
    OutsideFileSerializer,
    OutsideGiveBody,
    OutsidePartQuery,
)

BYTES = {"application/octet-stream": OpenApiTypes.BINARY}


class OutsideViewSet(StationViewSet[OutsideImport]):
    model = OutsideImport
    needs = "study.import"

    def visible(self, user: User) -> models.QuerySet[OutsideImport]:
        return OutsideImport.objects.visible_to(user).select_related("site", "patient")

    @extend_schema(parameters=[OutsideDeliveryQuery], responses=OutsideDeliverySerializer(many=True))
    def list(self, request: Request) -> Response:
        """What was brought to your sites, newest first."""
        return self.page(self.visible(self.user).filter(**self.query(OutsideDeliveryQuery)), OutsideDeliverySerializer)

    @extend_schema(responses=OutsideDeliveryDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One delivery: how far it is, and which studies and old reports are in it."""
        return self._written()

    @extend_schema(request=OutsideBeginBody, responses={201: OutsideDeliverySerializer})
    def create(self, request: Request) -> Response:
        """Begin a delivery, to which the files come one after the other."""
        body = self.body(OutsideBeginBody)
        row = actions.begin_import(body["site"], source=body["source"], by=self.user)
        return Response(OutsideDeliverySerializer(row).data, status=201)

    @extend_schema(parameters=[OutsidePartQuery], request=BYTES, responses=OutsideFileSerializer)
    @action(detail=True, methods=["post"], parser_classes=[StreamParser])
    def files(self, request: Request, pk: int) -> Response:
        """A piece of a file (or the whole) as the body, 16 MB at most; `name` and `offset` say of which, and where.

        422 beyond the limits of a delivery; 409 when a piece before it is missing, or the delivery is closed.
        """
        row, query = self.one(), self.query(OutsidePartQuery)
        body: Any = request.data or request._request  # noqa: SLF001  without a length it is still to be read
        part = actions.Part(name=query["name"], offset=query["offset"], body=body)
        file = actions.take_part(row, part, by=self.user)
        file.refresh_from_db()
        return Response(OutsideFileSerializer(file).data)

    @extend_schema(request=None, responses=OutsideDeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """All files are here: they are looked at, in the background. `state` becomes ready, or failed."""
        return self._done(actions.close_import)

    @extend_schema(parameters=[CompareQuery], responses=OutsideDifferenceSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def compare(self, request: Request, pk: int) -> Response:
        """The person in the files (of the first study) beside a patient of yours, field by field."""
        brought = studies_in(self.one())
        person = self.query(CompareQuery)["patient"].current
        if not brought:
            raise InvalidInput("There is no study in it, or it was not looked at yet. Close the delivery first.")
        return Response(OutsideDifferenceSerializer(compared(brought[0].person, person), many=True).data)

    @extend_schema(request=OutsideGiveBody, responses=OutsideDeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: int) -> Response:
        """These studies are this patient's: they are stored under that name and number, in the background.

        422 while a field in which the persons differ is not in `accepted`.
        """
        row, body = self.one(), self.body(OutsideGiveBody)
        reports = {one["file"]: one["study_instance_uid"] for one in body.pop("reports")}
        choice = actions.Choice(**body, reports=reports)
        actions.give_import(row, choice, by=self.user)
        return self._written()

    @extend_schema(request=None, responses=OutsideDeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: int) -> Response:
        """Throw away what was brought and belongs to no patient yet."""
        return self._done(actions.discard_import)

    @extend_schema(request=None, responses=OutsideDeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """What was wrong while it was stored has been put right."""
        return self._done(actions.retry_import)

    def _done(self, act: Callable[..., Any]) -> Response:
        act(self.one(), by=self.user)
        return self._written()

    def _written(self) -> Response:
        return Response(OutsideDeliveryDetailSerializer(self.one()).data)
