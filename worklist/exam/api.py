"""/api/v1/exams/: what a device's own program, or a dose monitor, may do at an exam. The id is the scheduled step's."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_bodies import ReasonBody
from ris.accounts.models import User
from ris.core.http import get_or_404
from ris.scheduling.actions import complete_step
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions import exam as actions
from worklist.actions import record
from worklist.actions.wrong_patient import wrong_patient
from worklist.attention.api import UnclosedDoor
from worklist.exam.after_api import ReactionDoors
from worklist.exam.page import ENTRIES
from worklist.exam.serializers import (
    ExamDetailSerializer,
    ExamQuery,
    ExamSerializer,
    RecordBody,
    StartBody,
    StrikeBody,
    TimeOutBody,
)

LINES = ("timeout_entries", "contrastgiven_entries__agent", "repeat_entries__reason", "doseentry_entries",
         "remark_entries")  # fmt: skip


class ExamViewSet(UnclosedDoor, ReactionDoors):
    model = ScheduledProcedureStep
    needs = "step.perform"

    def visible(self, user: User) -> models.QuerySet[ScheduledProcedureStep]:
        rows = ScheduledProcedureStep.objects.filter(site__in=user.sites_where("step.perform"))
        return rows.select_related("site", "requested_procedure__order").prefetch_related(*LINES)

    @extend_schema(parameters=[ExamQuery], responses=ExamSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Exams of the sites where you examine, by time."""
        return self.page(self.visible(self.user).filter(**self.query(ExamQuery)), ExamSerializer)

    @extend_schema(responses=ExamDetailSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One exam with its record. Opening it is recorded in the audit trail."""
        step = self.one()
        audit.record("step.opened", step, by=self.user, patient=step.requested_procedure.order.patient_id)
        return Response(ExamDetailSerializer(step).data)

    @extend_schema(request=TimeOutBody, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"], url_path="time-out")
    def time_out(self, request: Request, pk: int) -> Response:
        """Confirm patient and side before the start; 422 when the side is not the order's."""
        actions.confirm(self.one(), by=self.user, **self.body(TimeOutBody))
        return self._written()

    @extend_schema(request=StartBody, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: int) -> Response:
        """Begin; 409 for an open hard stop, or a missing time-out where the site asks for one."""
        actions.start_exam(self.one(), by=self.user, **self.body(StartBody))
        return self._written()

    @extend_schema(request=None, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: int) -> Response:
        """Finish; the case can be read once its images are here."""
        complete_step(self.one(), by=self.user)
        return self._written()

    @extend_schema(request=ReasonBody, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"])
    def discontinue(self, request: Request, pk: int) -> Response:
        """Break off, with the reason; images that exist are read."""
        actions.discontinue_exam(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return self._written()

    @extend_schema(request=ReasonBody, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"], url_path="wrong-patient")
    def wrong_patient(self, request: Request, pk: int) -> Response:
        """Another patient lies there: the exam waits again, and what was taken is closed to everybody at once."""
        wrong_patient(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return self._written()

    @extend_schema(request=RecordBody, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"])
    def record(self, request: Request, pk: int) -> Response:
        """Write lines into the record: contrast, repeat, dose, remark; all of them or none."""
        body, step = self.body(RecordBody), self.one()
        with transaction.atomic():
            for what, values in body.items():
                _keep(step, what, values, by=self.user)
        return self._written()

    @extend_schema(request=StrikeBody, responses=ExamDetailSerializer)
    @action(detail=True, methods=["post"])
    def strike(self, request: Request, pk: int) -> Response:
        """Take a line of the record back: it stays, struck through, with the reason."""
        step, body = self.one(), self.body(StrikeBody)
        lines: models.QuerySet[Any] = ENTRIES[body["what"]]._default_manager.filter(step=step)
        record.strike(get_or_404(lines, body["line"]), reason=body["reason"], by=self.user)
        return self._written()

    def _written(self) -> Response:
        return Response(ExamDetailSerializer(self.one()).data)


def _keep(step: ScheduledProcedureStep, what: str, values: dict[str, Any], *, by: User) -> None:
    if what == "contrast":
        record.give_contrast(step, record.Contrast(**values), by=by)
    elif what == "repeat":
        record.note_repeat(step, record.Repeated(**values), by=by)
    elif what == "dose":
        record.note_dose(step, record.Dose(**values), by=by)
    else:
        record.remark(step, record.Said(**values), by=by)
