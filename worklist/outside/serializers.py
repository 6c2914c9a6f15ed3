"""What comes from outside and what is handed out, as the API writes and reads it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ris.accounts.api_bodies import LARGEST_ID, SiteField, Strict, VisibleField
from ris.accounts.models import Site
from ris.patients.models import Patient
from worklist.lifecycle import EXPORT, OUTSIDE
from worklist.outside.comparing import studies_in
from worklist.outside.exporting import exportable
from worklist.outside.rows import OutsideFile, OutsideImport, StudyExport


class OutsideDeliverySerializer(serializers.ModelSerializer[OutsideImport]):
    """Files that were brought together: until they are a patient's studies, or thrown away."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    notes = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What was left out, and why."
    )

    class Meta:
        model = OutsideImport
        fields = ["id", "site", "state", "source", "brought_by", "brought_at", "patient", "bytes", "notes", "problem",
                  "done_at"]  # fmt: skip
        read_only_fields = fields


class BroughtSerializer(serializers.Serializer[Any]):
    """A study as its files describe it; days as YYYYMMDD."""

    study_instance_uid = serializers.CharField()
    person_name = serializers.CharField()
    birth_date = serializers.CharField()
    sex = serializers.CharField()
    patient_number = serializers.CharField(help_text="Of the other house.")
    study_date = serializers.CharField()
    modality = serializers.CharField()
    description = serializers.CharField()
    institution = serializers.CharField()
    series = serializers.IntegerField()
    objects = serializers.IntegerField()


class OldReportSerializer(serializers.ModelSerializer[OutsideFile]):
    """A PDF among the files."""

    class Meta:
        model = OutsideFile
        fields = ["id", "name", "size"]
        read_only_fields = fields


class OutsideDeliveryDetailSerializer(OutsideDeliverySerializer):
    """The same with what is in it, once it was looked at, and how far the storing is."""

    studies = serializers.SerializerMethodField()
    reports = serializers.SerializerMethodField()
    objects = serializers.SerializerMethodField(help_text="DICOM objects among the files.")
    stored = serializers.SerializerMethodField(help_text="How many of them are in the archive.")

    class Meta(OutsideDeliverySerializer.Meta):
        fields = [*OutsideDeliverySerializer.Meta.fields, "studies", "reports", "objects", "stored"]
        read_only_fields = fields

    @extend_schema_field(BroughtSerializer(many=True))
    def get_studies(self, row: OutsideImport) -> list[dict[str, Any]]:
        facts = ("birth_date", "sex", "study_date", "modality", "description", "institution")
        return [
            {"study_instance_uid": one.uid, "person_name": one.person_name, "series": one.series, "objects": one.files,
             "patient_number": one.facts.get("patient_id", ""), **{name: one.facts.get(name, "") for name in facts}}
            for one in studies_in(row)
        ]  # fmt: skip

    @extend_schema_field(OldReportSerializer(many=True))
    def get_reports(self, row: OutsideImport) -> Any:
        return OldReportSerializer(row.files.filter(kind="pdf"), many=True).data

    def get_objects(self, row: OutsideImport) -> int:
        return row.files.filter(kind="dicom").count()

    def get_stored(self, row: OutsideImport) -> int:
        return row.files.filter(stored=True).count()


class OutsideDeliveryQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(OUTSIDE.choices, required=False)


class OutsideBeginBody(Strict):
    site = SiteField("study.import")
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=120, default="", allow_blank=True, help_text="A hospital or practice, as the reader shall see it."
    )


class OutsidePartQuery(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=255, help_text="As the disc has it, with its folders.")
    offset = serializers.IntegerField(min_value=0, max_value=10**15, default=0, help_text="Bytes before this piece.")


class OutsideFileSerializer(serializers.ModelSerializer[OutsideFile]):
    """A file as far as it came; the same piece again changes nothing."""

    class Meta:
        model = OutsideFile
        fields = ["id", "name", "size"]
        read_only_fields = fields


class CompareQuery(serializers.Serializer[Any]):
    patient = VisibleField(Patient.objects.visible_to)


class OutsideDifferenceSerializer(serializers.Serializer[Any]):
    """A field of the person in the files and here; `name` is what `accepted` of `give` wants where they differ."""

    name = serializers.CharField()
    there = serializers.CharField()
    here = serializers.CharField()
    differs = serializers.BooleanField()


class OldReportBody(Strict):
    """Which study an old report is of."""

    file = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    study_instance_uid = serializers.CharField(max_length=64)


class OutsideGiveBody(Strict):
    """Whose which studies are. Every field in which the persons differ must stand in `accepted`."""

    patient = VisibleField(Patient.objects.visible_to)
    studies = serializers.ListField(child=serializers.CharField(max_length=64), min_length=1, max_length=1000)
    accepted = serializers.ListField(
        child=serializers.ChoiceField(["family_name", "given_name", "birth_date", "sex"]), default=list, max_length=4
    )
    reports = OldReportBody(many=True, default=list)


class ExportSerializer(serializers.ModelSerializer[StudyExport]):
    """A study as a ZIP, for who asked for it. It can be fetched once `state` is made, for a day."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)

    class Meta:
        model = StudyExport
        fields = ["id", "site", "study", "state", "recipient", "with_reports", "reports", "size", "problem",
                  "asked_at"]  # fmt: skip
        read_only_fields = fields


class ExportQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(EXPORT.choices, required=False)


class ExportBody(Strict):
    study = VisibleField(exportable)
    recipient = serializers.CharField(max_length=160, help_text="The patient, a relative, a doctor: it is recorded.")
    with_reports = serializers.BooleanField(default=True, help_text="With the signed reports.")
