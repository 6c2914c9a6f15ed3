"""What programs write down after an exam: reactions to contrast, and /api/v1/side-checks/."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.http import get_or_404
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions import record
from worklist.actions.sides import answer_side
from worklist.exam.after_serializers import LineBody, ReactionBody, SideBody, SideCheckSerializer
from worklist.exam.record import ContrastGiven, SideCheck
from worklist.exam.serializers import ExamDetailSerializer


class ReactionDoors(StationViewSet[ScheduledProcedureStep]):
    """What ExamViewSet can about contrast that was given."""

    @extend_schema(request=ReactionBody, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"])
    def reaction(self, request: Request, pk: int) -> Response:
        """Write down a reaction that showed after the injection."""
        body = self.body(ReactionBody)
        record.note_reaction(self._given(body["line"]), reaction=body["reaction"], text=body["text"], by=self.user)
        return Response(ExamDetailSerializer(self.one()).data)

    @extend_schema(request=LineBody, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"], url_path="reaction-alert")
    def reaction_alert(self, request: Request, pk: int) -> Response:
        """Have the patient's file warn of a reaction from now on; once. 409 when there was none."""
        record.alert_of_reaction(self._given(self.body(LineBody)["line"]), by=self.user)
        return Response(ExamDetailSerializer(self.one()).data)

    def _given(self, line: int) -> ContrastGiven:
        rows = ContrastGiven.objects.filter(step=self.one()).select_related("agent", "alert")
        return get_or_404(rows.select_related("step__site", "step__requested_procedure__order__patient"), line)


class SideQuery(serializers.Serializer[Any]):
    open = serializers.BooleanField(default=True, help_text="Only those that nobody has answered for.")


class SideCheckViewSet(StationViewSet[SideCheck]):
    """For those who examine, and those who read."""

    model = SideCheck
    needs = ("step.perform", "report.write")

    def visible(self, user: User) -> models.QuerySet[SideCheck]:
        return SideCheck.objects.visible_to(user).select_related("study", "requested_procedure__order")

    @extend_schema(parameters=[SideQuery], responses=SideCheckSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Exams of your sites whose images name another side than the order."""
        rows = self.visible(self.user)
        if self.query(SideQuery)["open"]:
            rows = rows.open()  # type: ignore[attr-defined]
        return self.page(rows.order_by("-pk"), SideCheckSerializer)

    @extend_schema(responses=SideCheckSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One comparison of the ordered side with the images."""
        return Response(SideCheckSerializer(self.one()).data)

    @extend_schema(request=SideBody, responses=SideCheckSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: int) -> Response:
        """Answer for the side, by name and with a reason; 409 when there is nothing to answer any more."""
        answer_side(self.one(), by=self.user, **self.body(SideBody))
        return Response(SideCheckSerializer(self.one()).data)
