"""What is written down after an exam: reactions to contrast, and who answers for the side."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import LARGEST_ID, Strict
from worklist.exam.record import ANSWERS, REACTIONS, SideCheck


class LineBody(Strict):
    """A line of the exam's contrast, by its id."""

    line = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class ReactionBody(LineBody):
    """What the agent did to the patient; anything but none with what happened."""

    reaction = serializers.ChoiceField(REACTIONS)
    text = serializers.CharField(max_length=120, default="", allow_blank=True)


class EvidenceSerializer(serializers.Serializer[Any]):
    """A side that the images name: where it stands, and in which words."""

    side = serializers.CharField()
    where = serializers.CharField()
    text = serializers.CharField()
    series = serializers.IntegerField(allow_null=True)


class SideCheckSerializer(serializers.ModelSerializer[SideCheck]):
    """The ordered side held against what the images of a study name. `answer` is empty while nobody answered."""

    order = serializers.IntegerField(source="requested_procedure.order_id", read_only=True)
    accession_number = serializers.CharField(source="requested_procedure.accession_number", read_only=True)
    study_instance_uid = serializers.CharField(source="study.study_instance_uid", read_only=True)
    ordered = serializers.CharField(read_only=True, help_text="R, L or B for both.")
    answer = serializers.CharField(read_only=True)
    evidence = EvidenceSerializer(many=True, read_only=True)

    class Meta:
        model = SideCheck
        fields = ["id", "order", "requested_procedure", "accession_number", "study", "study_instance_uid", "ordered",
                  "verdict", "evidence", "checked_at", "answer", "reason", "answered_at",
                  "answered_by_name"]  # fmt: skip
        read_only_fields = fields


class SideBody(Strict):
    """What is true, and how it is known: the patient, the images, a colleague."""

    answer = serializers.ChoiceField(ANSWERS)
    reason = serializers.CharField(max_length=255)
