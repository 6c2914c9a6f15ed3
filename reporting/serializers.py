"""Reports as the API writes and reads them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from reporting.actions.drafts import LONGEST_SECTION
from reporting.lifecycle import REPORT
from reporting.models import Report, ReportVersion
from reporting.moved.reading import moved_images
from reporting.verifying.asking import WORDS, word_of
from ris.accounts.api_bodies import Strict
from ris.accounts.models import Site, User

MOST_SECTIONS = 50
MOST_FIELDS = 120


class VersionSerializer(serializers.ModelSerializer[ReportVersion]):
    """A signed version: by whom, when, and the hash of its content, chained to the version before."""

    accession_numbers = serializers.ListField(child=serializers.CharField(), read_only=True)
    signer_name = serializers.CharField(source="signature.signer_name", read_only=True)
    meaning = serializers.CharField(source="signature.meaning", read_only=True)
    signed_at = serializers.DateTimeField(source="signature.signed_at", read_only=True)

    class Meta:
        model = ReportVersion
        fields = ["id", "number", "kind", "accession_numbers", "study_instance_uid", "content_sha256",
                  "previous_sha256", "signer_name", "meaning", "signed_at"]  # fmt: skip
        read_only_fields = fields


class SignedVersionSerializer(VersionSerializer):
    """A version with its content: exactly what was hashed and signed. `standing`: whether it still counts."""

    standing = serializers.SerializerMethodField()
    content = serializers.DictField(read_only=True)

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "standing", "content"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField([(word, word) for word in WORDS]))
    def get_standing(self, version: ReportVersion) -> str:
        return word_of(version)


class ReportSerializer(serializers.ModelSerializer[Report]):
    """A report in a list. `held_until`: signed and not released; to those who only read it is what it was before."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    template = serializers.CharField(source="template.key", read_only=True)
    patient = serializers.IntegerField(source="task.patient_id", read_only=True)
    state = serializers.ChoiceField(REPORT.choices, source="outward_state", read_only=True)
    held_until = serializers.SerializerMethodField()
    accession_numbers = serializers.SerializerMethodField()
    images_moved = serializers.BooleanField(
        read_only=True, help_text="Images left its exam after it was signed: do not rely on it before it is looked at."
    )
    versions = VersionSerializer(many=True, read_only=True)

    class Meta:
        model = Report
        fields = ["id", "site", "state", "held_until", "revision", "template", "patient", "accession_numbers",
                  "author_name", "created_at", "saved_at", "images_moved", "versions"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_held_until(self, report: Report) -> str | None:
        user: User = self.context["user"]
        held = report.held_until if user.may("report.write", report.site_id) else None
        return held.isoformat() if held else None

    def get_accession_numbers(self, report: Report) -> list[str]:
        return [requested.accession_number for requested in report.task.requested_procedures.all()]


class WaitingSerializer(serializers.Serializer[Any]):
    """A report of yours that waits for a signature. `reason`: why not together with others, "" when it can be."""

    report = serializers.IntegerField(source="report.pk")
    revision = serializers.IntegerField(source="report.revision")
    state = serializers.CharField(source="report.state")
    patient = serializers.IntegerField(source="report.task.patient_id")
    reason = serializers.CharField()
    grade_asked = serializers.SerializerMethodField(help_text="Another reader's preliminary version is confirmed.")

    def get_grade_asked(self, row: Any) -> bool:
        return row.preliminary is not None


class DraftSerializer(serializers.Serializer[Any]):
    """The working copy: texts by section, numbers with their origin by field."""

    sections = serializers.DictField(child=serializers.CharField(allow_blank=True))
    fields = serializers.DictField(child=serializers.DictField(allow_null=True))  # type: ignore[assignment]


class MovedSerializer(serializers.Serializer[Any]):
    """A study that the report was written on: when it left the exam, and where it is now. `by`: "" for the matching."""

    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    at = serializers.DateTimeField()
    by = serializers.CharField()
    where = serializers.CharField()
    series = serializers.IntegerField(help_text="How many of its series went; 0: all of it.")


class ReportDetailSerializer(ReportSerializer):
    """A report with what was signed, and for its writers with what is being written."""

    versions = SignedVersionSerializer(many=True, read_only=True)
    moved_images = serializers.SerializerMethodField()
    draft = serializers.SerializerMethodField()

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "moved_images", "draft"]
        read_only_fields = fields

    @extend_schema_field(MovedSerializer(many=True))
    def get_moved_images(self, report: Report) -> list[dict[str, Any]]:
        return [dict(MovedSerializer(one).data) for one in moved_images(report)]

    @extend_schema_field(DraftSerializer(allow_null=True))
    def get_draft(self, report: Report) -> dict[str, Any] | None:
        """Unsigned words are for those who write reports at the site, and nobody else."""
        user: User = self.context["user"]
        return report.content if user.may("report.write", report.site_id) else None


class SectionsField(serializers.DictField):
    """Texts by section key; blanks at the ends are the writer's own."""

    child = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=LONGEST_SECTION)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, dict) and len(data) > MOST_SECTIONS:
            raise serializers.ValidationError(f"At most {MOST_SECTIONS} sections.")
        return super().to_internal_value(data)


class EnteredField(serializers.DictField):
    """Texts by field key, as a person would type them: "12.5 mm", "yes", an option's value, a day."""

    child = serializers.CharField(allow_blank=True, max_length=2000)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, dict) and len(data) > MOST_FIELDS:
            raise serializers.ValidationError(f"At most {MOST_FIELDS} fields.")
        return super().to_internal_value(data)


class DraftBody(Strict):
    """The texts and fields that changed, and the revision that the writer saw."""

    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    sections = SectionsField()
    fields = EnteredField(default=dict)  # type: ignore[assignment]
    removed_fields = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=MOST_SECTIONS, default=list,
        help_text="Keys of measured fields that the writer emptied.",
    )  # fmt: skip


class ReturnBody(Strict):
    """What the author should look at again."""

    comment = serializers.CharField(max_length=1000)


class ReportQuery(serializers.Serializer[Any]):
    accession = serializers.CharField(max_length=16, default="", allow_blank=True, help_text="How one begins.")
    patient = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    state = serializers.ChoiceField(REPORT.choices, required=False)
