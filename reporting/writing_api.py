"""What programs of those who write can do at a draft: its numbers, its doubts, two texts side by side, earlier reports.

Nothing here signs. The doors are part of /api/v1/reports/.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from reporting.actions.choosing import choose_earlier, choose_measurement, see_mark
from reporting.joining.rows import fields_in_both, texts_of
from reporting.models import Report
from reporting.number_serializers import (
    BothSerializer,
    ChooseNumberBody,
    CompareNumberBody,
    DoubtSerializer,
    FieldBody,
    NumbersSerializer,
    PreviousSerializer,
)
from reporting.numbers import numbers_of
from reporting.numbers_shown import record_shown
from reporting.pane import may_change
from reporting.previous.reading import previous_of
from reporting.reread.reading import remarks
from reporting.serializers import EnteredField, SectionsField
from ris import audit
from ris.accounts.api_bodies import Strict
from ris.accounts.api_stations import StationViewSet
from ris.core.errors import NotPermitted
from ris.core.http import require_somewhere

FOR_WRITERS = "Writing reports is for residents and radiologists."


class DraftJoiningBody(Strict):
    """The texts that you have; in `base`, as they were when you began; fields as a person would type them."""

    sections = SectionsField()
    base = SectionsField(default=dict)
    fields = EnteredField(default=dict)  # type: ignore[assignment]


class WritingDoors(StationViewSet[Report]):
    """What ReportViewSet can at drafts."""

    @extend_schema(responses=NumbersSerializer)
    @action(detail=True, methods=["get"])
    def numbers(self, request: Request, pk: int) -> Response:
        """The measured fields of a report: what fills each, what else could, what was measured before."""
        return self._numbers()

    @extend_schema(request=ChooseNumberBody, responses=NumbersSerializer)
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: int) -> Response:
        """Put one of the candidates into a field of a case that you hold."""
        body = self.body(ChooseNumberBody)
        choose_measurement(self._draft(), body["field"], body["measurement"], by=self.user)
        return self._numbers()

    @extend_schema(request=CompareNumberBody, responses=NumbersSerializer)
    @action(detail=True, methods=["post"])
    def compare(self, request: Request, pk: int) -> Response:
        """Say which earlier number is of the same lesion."""
        body = self.body(CompareNumberBody)
        choose_earlier(self._draft(), body["field"], body["earlier"], by=self.user)
        return self._numbers()

    @extend_schema(request=FieldBody, responses=NumbersSerializer)
    @action(detail=True, methods=["post"])
    def seen(self, request: Request, pk: int) -> Response:
        """You saw that the number of a field changed or went away."""
        see_mark(self._draft(), self.body(FieldBody)["field"], by=self.user)
        return self._numbers()

    @extend_schema(responses=DoubtSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def doubts(self, request: Request, pk: int) -> Response:
        """What should be looked at again before a draft of yours is signed, in the order of its sections."""
        report = self._draft()
        if not may_change(report, self.user):
            raise NotPermitted("This report is not yours to sign.")
        return Response(DoubtSerializer(remarks(report), many=True).data)

    @extend_schema(request=DraftJoiningBody, responses=BothSerializer)
    @action(detail=True, methods=["post"])
    def joining(self, request: Request, pk: int) -> Response:
        """What you have beside what is saved, where the two differ. Nothing is changed here."""
        report, body = self._draft(), self.body(DraftJoiningBody)
        if not may_change(report, self.user):
            raise NotPermitted("This case is with another reader, or signed.")
        texts = texts_of(report, body["sections"], body["base"])
        found: dict[str, Any] = {"texts": texts, "fields": fields_in_both(report, body["fields"])}
        return Response(BothSerializer({"revision": report.revision, **found}).data)

    @extend_schema(responses=PreviousSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def previous(self, request: Request, pk: int) -> Response:
        """What was reported of the same person before, for those who write. It is recorded as opening each of them."""
        report = self._draft()
        found = previous_of(report, self.user)
        for one in found:
            audit.record("report.viewed", one.version.report, by=self.user, patient=report.task.patient_id)
        return Response(PreviousSerializer(found, many=True).data)

    def _draft(self) -> Report:
        """Asked for the right before the report is looked for."""
        require_somewhere(self.user, "report.write", FOR_WRITERS)
        return self.one()

    def _numbers(self) -> Response:
        report = self._draft()
        found = numbers_of(report, writable=may_change(report, self.user))
        record_shown(report, found, by=self.user)
        return Response(NumbersSerializer(found).data)
