"""/api/v1/cases/ and /api/v1/wet-reads/: the reading list for programs, with all that a reader may do to a case."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.errors import NotFound
from ris.orders.models import RequestedProcedure
from worklist.actions import handing, leases, reading, wet_reads
from worklist.attention.api import GrownDoors
from worklist.models import ReadingTask
from worklist.priors.api import PriorDoors
from worklist.reading.filters import Filter
from worklist.reading.rows import next_cases, open_cases
from worklist.reading.serializers import (
    AssignBody,
    CaseQuery,
    CaseSerializer,
    TakeOverBody,
    WetReadBody,
    WetReadSerializer,
)
from worklist.reading.wet import WetRead


class CaseViewSet(GrownDoors, PriorDoors):
    model = ReadingTask
    needs = "reading.list"

    def visible(self, user: User) -> models.QuerySet[ReadingTask]:
        procedures = models.Prefetch("requested_procedures", RequestedProcedure.objects.select_related("procedure"))
        rows = ReadingTask.objects.visible_to(user).prefetch_related(procedures)
        return rows.select_related("site", "claimed_by", "assigned_to", "assigned_group")

    @extend_schema(parameters=[CaseQuery], responses=CaseSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Open cases of your sites, most urgent first, narrowed as the reading list is."""
        return self.page(open_cases(self.user, Filter.read(self.query(CaseQuery))), CaseSerializer)

    @extend_schema(responses=CaseSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One case, open or closed. Opening it is recorded in the audit trail."""
        task = self.one()
        audit.record("reading.viewed", task, by=self.user)
        return Response(CaseSerializer(task).data)

    @extend_schema(request=CaseQuery, responses={200: CaseSerializer, 404: OpenApiResponse(description="None waits.")})
    @action(detail=False, methods=["post"])
    def next(self, request: Request) -> Response:
        """Take the first case that nobody has; 404 when none waits. Two who ask at once get two cases."""
        task = reading.claim_next(next_cases(self.user, Filter.read(self.body(CaseQuery))), by=self.user)
        if task is None:
            raise NotFound("Nothing waits to be read.")
        return Response(CaseSerializer(self.visible(self.user).get(pk=task.pk)).data)

    @extend_schema(request=None, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: int) -> Response:
        """Take it; 409 when somebody else reads it."""
        reading.claim(self.one(), by=self.user)
        return self._written()

    @extend_schema(request=None, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: int) -> Response:
        """A sign of life: the lease lasts anew; 409 when the case is not yours any more."""
        leases.renew(self.one(), by=self.user)
        return self._written()

    @extend_schema(request=None, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: int) -> Response:
        """Give it back; what was written stays with it."""
        reading.release(self.one(), by=self.user)
        return self._written()

    @extend_schema(request=TakeOverBody, responses=CaseSerializer)
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request: Request, pk: int) -> Response:
        """Read on what another began, with a reason; they are told."""
        leases.take_over(self.one(), by=self.user, **self.body(TakeOverBody))
        return self._written()

    @extend_schema(request=AssignBody, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: int) -> Response:
        """Say for whom it waits."""
        body = self.body(AssignBody)
        handing.assign(self.one(), to=AssignBody.heir(body), note=body["note"], by=self.user)
        return self._written()

    @extend_schema(request=AssignBody, responses=CaseSerializer)
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: int) -> Response:
        """Hand a case of your own to somebody else, with what was written."""
        body = self.body(AssignBody)
        handing.hand_over([self.one()], to=AssignBody.heir(body), note=body["note"], by=self.user)
        return self._written()

    @extend_schema(request=WetReadBody, responses={201: WetReadSerializer})
    @action(detail=True, methods=["post"], url_path="wet-read")
    def wet_read(self, request: Request, pk: int) -> Response:
        """Two lines for those who cannot wait; the emergency ward sees them at once."""
        kept = wet_reads.wet_read(self.one(), by=self.user, **self.body(WetReadBody))
        return Response(WetReadSerializer(kept).data, status=201)

    def _written(self) -> Response:
        return Response(CaseSerializer(self.one()).data)


class WetReadViewSet(StationViewSet[WetRead]):
    model = WetRead
    needs = "report.view"

    def visible(self, user: User) -> models.QuerySet[WetRead]:
        return WetRead.objects.visible_to(user).select_related("task", "reader")

    @extend_schema(responses=WetReadSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Wet reads of the last 24 hours at your sites, newest first."""
        return self.page(self.visible(self.user).recent(), WetReadSerializer)  # type: ignore[attr-defined]
