"""GET /api/v1/cases/{id}/priors/: the patient's earlier exams, those that matter for the case first."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_stations import StationViewSet
from worklist.models import ReadingTask
from worklist.priors.earlier import priors_of


class PriorSerializer(serializers.Serializer[Any]):
    """An earlier study. `months` before the case's own exam; `reports` are those that you may read."""

    study = serializers.IntegerField(source="study.pk")
    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    name = serializers.CharField()
    side = serializers.CharField()
    day = serializers.DateField(allow_null=True)
    months = serializers.IntegerField(allow_null=True)
    is_relevant = serializers.BooleanField()
    from_outside = serializers.SerializerMethodField(help_text="It was made elsewhere and brought.")
    reports = serializers.ListField(child=serializers.IntegerField(), source="report_ids")

    def get_from_outside(self, prior: Any) -> bool:
        return prior.outside is not None


class PriorDoors(StationViewSet[ReadingTask]):
    """What CaseViewSet can about earlier exams."""

    @extend_schema(responses=PriorSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def priors(self, request: Request, pk: int) -> Response:
        """The patient's earlier exams that you may open, those that matter for this case first."""
        task = self.one()
        return Response(PriorSerializer(priors_of(task, self.user), many=True).data)
