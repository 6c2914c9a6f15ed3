"""Cases and wet reads as the API writes them, and what may be said to a case."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import Strict
from ris.accounts.models import Site, User
from ris.dicom.models import MODALITIES
from ris.orders.models import PRIORITIES, RequestedProcedure
from worklist.actions.handing import LONGEST_NOTE, Heir
from worklist.models import ReadingTask
from worklist.reading.facets import IMAGES
from worklist.reading.filters import LONGEST, REPORTS, WHOSE
from worklist.reading.staff import ReadingGroup
from worklist.reading.standing import TAKEN
from worklist.reading.told import told_states
from worklist.reading.wet import LINES, LONGEST_LINE, WetRead


class CaseProcedureSerializer(serializers.ModelSerializer[RequestedProcedure]):
    """One procedure that the report of the case will answer."""

    modality = serializers.CharField(source="procedure.modality", read_only=True)
    body_part = serializers.CharField(source="procedure.body_part", read_only=True)

    class Meta:
        model = RequestedProcedure
        fields = ["id", "description", "accession_number", "study_instance_uid", "modality", "body_part"]
        read_only_fields = fields


class CaseSerializer(serializers.ModelSerializer[ReadingTask]):
    """A case of the reading list. People are user names; `lease_until` lies in the past when the reader is silent."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    procedures = CaseProcedureSerializer(source="requested_procedures", many=True, read_only=True)
    claimed_by = serializers.SlugRelatedField[User](slug_field="username", read_only=True, allow_null=True)
    assigned_to = serializers.SlugRelatedField[User](slug_field="username", read_only=True, allow_null=True)
    assigned_group = serializers.SlugRelatedField[ReadingGroup](slug_field="name", read_only=True, allow_null=True)
    urgency = serializers.CharField(read_only=True)

    class Meta:
        model = ReadingTask
        fields = ["id", "site", "patient", "state", "priority", "procedures", "exam_at", "due_at", "urgency",
                  "image_count", "image_state", "report_state", "claimed_by", "claimed_at", "lease_until",
                  "assigned_to", "assigned_group", "assigned_why", "created_at"]  # fmt: skip
        read_only_fields = fields


class CaseQuery(serializers.Serializer[Any]):
    """As the reading list is narrowed."""

    whose = serializers.ChoiceField(list(WHOSE), default="", allow_blank=True)
    priority = serializers.ChoiceField(PRIORITIES, default="", allow_blank=True)
    modality = serializers.ChoiceField(MODALITIES, default="", allow_blank=True)
    part = serializers.CharField(max_length=LONGEST, default="", allow_blank=True)
    images = serializers.ChoiceField(IMAGES, default="", allow_blank=True)
    report = serializers.ChoiceField(list(REPORTS), default="", allow_blank=True)
    q = serializers.CharField(max_length=LONGEST, default="", allow_blank=True, help_text="Patient or accession.")


class TakeOverBody(Strict):
    reason = serializers.CharField(max_length=255)


class AssignBody(Strict):
    """A person by user name, or a group by id; neither: everybody."""

    person = serializers.SlugRelatedField[User](
        slug_field="username", queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    group = serializers.PrimaryKeyRelatedField[ReadingGroup](
        queryset=ReadingGroup.objects.all(), required=False, allow_null=True
    )
    note = serializers.CharField(max_length=LONGEST_NOTE, default="", allow_blank=True)

    @staticmethod
    def heir(values: dict[str, Any]) -> Heir:
        return Heir(person=values.get("person"), group=values.get("group"))


class WetReadBody(Strict):
    text = serializers.CharField(max_length=LINES * (LONGEST_LINE + 2), help_text="One or two lines.")
    told_to = serializers.CharField(max_length=80)
    told_at = serializers.DateTimeField(required=False, help_text="Now, when it is left out.")


class WetReadSerializer(serializers.ModelSerializer[WetRead]):
    """What a reader said at first sight."""

    case = serializers.IntegerField(source="task_id", read_only=True)
    patient = serializers.IntegerField(source="task.patient_id", read_only=True)
    reader = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    report_state = serializers.SerializerMethodField(help_text="As others are told it: not signed before it has left.")
    images_taken = serializers.SerializerMethodField(help_text="Images it was read on are not of the exam any more.")

    class Meta:
        model = WetRead
        fields = ["id", "case", "patient", "text", "told_to", "told_at", "reader", "at", "report_state", "images_taken"]
        read_only_fields = fields

    def get_report_state(self, row: WetRead) -> str:
        return self._told[row.task_id]

    @cached_property
    def _told(self) -> dict[int, str]:
        """Of all rows of a page at once."""
        rows: Any = [self.instance] if self.parent is None else self.parent.instance
        return told_states(one.task for one in rows)

    def get_images_taken(self, row: WetRead) -> bool:
        return row.standing == TAKEN
