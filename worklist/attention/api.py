"""/api/v1/wrong-patients/ and /api/v1/incidents/, and what else waits for somebody among exams and cases."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.errors import NotPermitted
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions.growth import seen_growth
from worklist.actions.wrong_patient import settle_wrong_patient
from worklist.attention import rows
from worklist.attention.openings import openings_of
from worklist.attention.serializers import (
    GrownSerializer,
    IncidentSerializer,
    SettleBody,
    UnclosedSerializer,
    WrongPatientSerializer,
)
from worklist.exam.record import Remark
from worklist.models import ReadingTask, WrongPatient


class WrongPatientViewSet(StationViewSet[WrongPatient]):
    model = WrongPatient
    needs = "study.reconcile"

    def visible(self, user: User) -> models.QuerySet[WrongPatient]:
        return WrongPatient.objects.visible_to(user).select_related("site", "step__requested_procedure__order")

    @extend_schema(responses=WrongPatientSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Images under the wrong name that nobody has settled, with everybody who had them open; at most 200 a page.

        Who looked at this list is recorded in the audit trail.
        """
        waiting = self.visible(self.user).waiting()  # type: ignore[attr-defined]
        found = self.paginate_queryset(waiting) or []
        return self.get_paginated_response(_told(found, self.user))

    @extend_schema(responses=WrongPatientSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One of them, settled or not. That you looked is recorded."""
        return Response(_told([self.one()], self.user)[0])

    @extend_schema(request=SettleBody, responses=WrongPatientSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: int) -> Response:
        """You have found out whose they are: the study waits to be linked again. 409 when somebody was first."""
        settle_wrong_patient(self.one(), outcome=self.body(SettleBody)["outcome"], by=self.user)
        return Response(_told([self.one()], self.user)[0])


def _told(found: Sequence[WrongPatient], user: User) -> list[dict[str, object]]:
    opened = openings_of([row.study_instance_uid for row in found])
    for row in found:
        audit.record("audit.openings-viewed", row, by=user, study_uid=row.study_instance_uid)
    return list(WrongPatientSerializer(found, many=True, context={"openings": opened}).data)


class UnclosedDoor(StationViewSet[ScheduledProcedureStep]):
    """What ExamViewSet can besides."""

    @extend_schema(responses=UnclosedSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def unclosed(self, request: Request) -> Response:
        """Exams that began hours ago and have no end, the oldest 200; `complete` or `discontinue` ends one."""
        return Response(UnclosedSerializer(rows.unclosed_rows(self.user)["rows"], many=True).data)


class GrownDoors(StationViewSet[ReadingTask]):
    """What CaseViewSet can besides."""

    @extend_schema(responses=GrownSerializer(many=True))
    @action(detail=False, methods=["get"])
    def grown(self, request: Request) -> Response:
        """Cases that were signed and got more images since, where you read; latest first."""
        if not self.user.may("report.write", None):
            raise NotPermitted("Images after the report are for residents and radiologists.")
        keys = rows.grown_tasks(self.user).values("pk")
        found = self.visible(self.user).filter(pk__in=keys).order_by("-images_added_at", "pk")
        return self.page(found, GrownSerializer)

    @extend_schema(request=None, responses=GrownSerializer)
    @action(detail=True, methods=["post"], url_path="growth-seen")
    def growth_seen(self, request: Request, pk: int) -> Response:
        """You have looked: the late images change nothing, and the report stands. 409 when somebody said so before."""
        seen_growth(self.one(), by=self.user)
        return Response(GrownSerializer(self.one()).data)


class IncidentViewSet(StationViewSet[Remark]):
    model = Remark
    needs = "site.manage"

    def visible(self, user: User) -> models.QuerySet[Remark]:
        return rows.incidents_for(user)

    @extend_schema(responses=IncidentSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Incidents of the sites that you manage, newest first."""
        return self.page(self.visible(self.user), IncidentSerializer)
