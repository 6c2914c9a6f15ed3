"""What must not be forgotten, as the API writes it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ris.accounts.api_bodies import Strict
from ris.accounts.models import Site
from worklist.exam.record import Remark
from worklist.models import WrongPatient
from worklist.reading.serializers import CaseSerializer


class ImageOpeningSerializer(serializers.Serializer[Any]):
    """Who had the images or their report open before."""

    at = serializers.DateTimeField()
    who = serializers.CharField()
    what = serializers.CharField()


class WrongPatientSerializer(serializers.ModelSerializer[WrongPatient]):
    """Images under the wrong name. `patient` is the one under whose name they were taken, where that is known."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    patient = serializers.SerializerMethodField()
    openings = serializers.SerializerMethodField()

    class Meta:
        model = WrongPatient
        fields = ["id", "site", "study", "study_instance_uid", "step", "patient", "reason", "said_by", "said_at",
                  "settled_by", "settled_at", "outcome", "openings"]  # fmt: skip
        read_only_fields = fields

    def get_patient(self, row: WrongPatient) -> int | None:
        return row.step.requested_procedure.order.patient_id if row.step else None

    @extend_schema_field(ImageOpeningSerializer(many=True))
    def get_openings(self, row: WrongPatient) -> Any:
        return ImageOpeningSerializer(self.context["openings"].get(row.study_instance_uid, []), many=True).data


class SettleBody(Strict):
    outcome = serializers.CharField(max_length=255, help_text="Whose images they are, and how you know.")


class UnclosedSerializer(serializers.Serializer[Any]):
    """An exam that nobody ended; `exam` is its id under /exams/, where it is completed or broken off."""

    exam = serializers.IntegerField(source="step.pk")
    site = serializers.CharField(source="step.site.code")
    patient = serializers.IntegerField(source="patient.pk")
    description = serializers.CharField(source="step.description")
    accession_number = serializers.CharField(source="step.requested_procedure.accession_number")
    device = serializers.SerializerMethodField()
    since = serializers.DateTimeField()
    images = serializers.IntegerField()
    said = serializers.CharField(help_text="Why it is open.")

    def get_device(self, item: dict[str, Any]) -> str:
        node = item["step"].node
        return node.name if node else ""


class GrownSerializer(CaseSerializer):
    """A case that was signed, and got more images since."""

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "images_added_at"]
        read_only_fields = fields


class IncidentSerializer(serializers.ModelSerializer[Remark]):
    """What a technologist recorded as an incident; one that was taken back says by whom and why."""

    site = serializers.CharField(source="step.site.code", read_only=True)
    exam = serializers.IntegerField(source="step_id", read_only=True)

    class Meta:
        model = Remark
        fields = ["id", "at", "site", "exam", "category", "text", "by_name", "struck_at", "struck_by_name",
                  "struck_reason"]  # fmt: skip
        read_only_fields = fields
