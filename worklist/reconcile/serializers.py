"""Decisions about studies as the API writes and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import LARGEST_ID, SiteField, Strict, VisibleField
from ris.accounts.models import User
from ris.orders.models import SIDES, Procedure, RequestedProcedure
from ris.patients.models import Patient
from worklist.reconcile.decisions import StudyDecision


def _exams(user: User) -> Any:
    return RequestedProcedure.objects.visible_to(user).select_related("procedure", "order__site")


class DecisionSerializer(serializers.ModelSerializer[StudyDecision]):
    """Who decided what, when and why, and whether it was undone."""

    class Meta:
        model = StudyDecision
        fields = ["id", "verb", "requested_procedure", "reason", "by_name", "at",
                  "undone_at", "undone_by", "undone_why"]  # fmt: skip
        read_only_fields = fields


class DifferenceSerializer(serializers.Serializer[Any]):
    what = serializers.CharField(source="label")
    archive = serializers.CharField()
    order = serializers.CharField()
    verdict = serializers.ChoiceField(["same", "differs", "unknown"])


class CandidateSerializer(serializers.Serializer[Any]):
    """An exam that the study may belong to, compared field by field."""

    requested_procedure = serializers.IntegerField(source="requested.pk")
    accession_number = serializers.CharField(source="requested.accession_number")
    description = serializers.CharField(source="requested.description")
    score = serializers.IntegerField(source="scored.score", help_text="0 to 100.")
    evidence = serializers.ListField(source="scored.reasons", child=serializers.CharField())
    against = serializers.ListField(source="scored.against", child=serializers.CharField())
    differences = DifferenceSerializer(many=True)


class CandidateQuery(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=64, default="", allow_blank=True, help_text="Accession, number or name.")


class PictureQuery(serializers.Serializer[Any]):
    series = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, help_text="An id of /studies/{id}/series/.")


class LinkBody(Strict):
    requested_procedure = VisibleField(_exams)
    moves = serializers.BooleanField(
        default=False, help_text="The study leaves the exams of another patient that it is linked to."
    )
    reason = serializers.CharField(max_length=255)


class UnlinkBody(Strict):
    """Without a procedure the study is unlinked from all of them."""

    requested_procedure = VisibleField(_exams, required=False)
    reason = serializers.CharField(max_length=255)


class SplitBody(Strict):
    requested_procedure = VisibleField(_exams)
    series = serializers.ListField(child=serializers.CharField(max_length=64), min_length=1, max_length=500)
    reason = serializers.CharField(max_length=255)


class MoveSeriesBody(Strict):
    """`requested_procedure` is an exam of the patient whose the series are."""

    requested_procedure = VisibleField(_exams)
    series = serializers.ListField(child=serializers.CharField(max_length=64), min_length=1, max_length=500)
    reason = serializers.CharField(max_length=255)


class OrderForStudyBody(Strict):
    patient = VisibleField(Patient.objects.visible_to)
    procedure = serializers.SlugRelatedField(slug_field="code", queryset=Procedure.objects.filter(active=True))
    site = SiteField("order.place")
    side = serializers.ChoiceField(SIDES, required=False)
    reason = serializers.CharField(max_length=255)


class UndoBody(Strict):
    decision = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    reason = serializers.CharField(max_length=255)
