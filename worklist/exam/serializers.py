"""An exam's record as the API writes and reads it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import Strict
from ris.orders.models import SIDES
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from worklist.exam.record import (
    IDENTIFIERS,
    INCIDENTS,
    QUANTITY_CHOICES,
    REACTIONS,
    REMARKS,
    ROUTES,
    ContrastAgent,
    ContrastGiven,
    DoseEntry,
    RejectReason,
    Remark,
    Repeat,
    TimeOut,
)

# As worklist.exam.page names them.
LINES_STRUCK = [(name, name) for name in ("time-out", "contrast", "repeat", "dose", "remark")]
LINE = ["id", "at", "by_name", "struck_at", "struck_by_name", "struck_reason"]


class TimeOutSerializer(serializers.ModelSerializer[TimeOut]):
    identifiers = serializers.ListField(child=serializers.CharField(), read_only=True)
    side = serializers.CharField(read_only=True)

    class Meta:
        model = TimeOut
        fields = [*LINE, "identifiers", "side", "skipped_because"]
        read_only_fields = fields


class ContrastSerializer(serializers.ModelSerializer[ContrastGiven]):
    agent = serializers.CharField(source="agent.name", read_only=True)

    class Meta:
        model = ContrastGiven
        fields = [*LINE, "agent", "volume_ml", "lot", "route", "reaction", "reaction_text"]
        read_only_fields = fields


class RepeatSerializer(serializers.ModelSerializer[Repeat]):
    reason = serializers.CharField(source="reason.name", read_only=True)

    class Meta:
        model = Repeat
        fields = [*LINE, "reason", "images", "view"]
        read_only_fields = fields


class DoseSerializer(serializers.ModelSerializer[DoseEntry]):
    class Meta:
        model = DoseEntry
        fields = [*LINE, "quantity", "value"]
        read_only_fields = fields


class RemarkSerializer(serializers.ModelSerializer[Remark]):
    kind = serializers.CharField(read_only=True)
    category = serializers.CharField(read_only=True)

    class Meta:
        model = Remark
        fields = [*LINE, "kind", "category", "text"]
        read_only_fields = fields


class ExamSerializer(serializers.ModelSerializer[ScheduledProcedureStep]):
    """An exam, by its scheduled step, in a list."""

    site = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    order = serializers.IntegerField(source="requested_procedure.order_id", read_only=True)
    accession_number = serializers.CharField(source="requested_procedure.accession_number", read_only=True)
    laterality = serializers.CharField(source="requested_procedure.laterality", read_only=True)

    class Meta:
        model = ScheduledProcedureStep
        fields = ["id", "site", "sps_id", "state", "description", "start", "started_at", "order", "accession_number",
                  "laterality"]  # fmt: skip
        read_only_fields = fields


class ExamDetailSerializer(ExamSerializer):
    """An exam with every line of its record, those taken back too."""

    time_outs = TimeOutSerializer(source="timeout_entries", many=True, read_only=True)
    contrast = ContrastSerializer(source="contrastgiven_entries", many=True, read_only=True)
    repeats = RepeatSerializer(source="repeat_entries", many=True, read_only=True)
    doses = DoseSerializer(source="doseentry_entries", many=True, read_only=True)
    remarks = RemarkSerializer(source="remark_entries", many=True, read_only=True)

    class Meta(ExamSerializer.Meta):
        fields = [*ExamSerializer.Meta.fields, "time_outs", "contrast", "repeats", "doses", "remarks"]
        read_only_fields = fields


class StartBody(Strict):
    skip_because = serializers.CharField(
        max_length=255, required=False, default="", help_text="Why a STAT exam begins without the time-out."
    )


class TimeOutBody(Strict):
    identifiers = serializers.ListField(child=serializers.ChoiceField(IDENTIFIERS), min_length=1, max_length=5)
    side = serializers.ChoiceField(SIDES, required=False, default="")


class ContrastBody(Strict):
    agent = serializers.SlugRelatedField[ContrastAgent](
        slug_field="name", queryset=ContrastAgent.objects.filter(active=True)
    )
    volume_ml = serializers.DecimalField(max_digits=5, decimal_places=1, min_value=0, max_value=2000)
    route = serializers.ChoiceField(ROUTES, default="intravenous")
    lot = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    reaction = serializers.ChoiceField(REACTIONS, default="none")
    reaction_text = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


class RepeatBody(Strict):
    reason = serializers.SlugRelatedField[RejectReason](
        slug_field="name", queryset=RejectReason.objects.filter(active=True)
    )
    images = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    view = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)


class DoseBody(Strict):
    quantity = serializers.ChoiceField(QUANTITY_CHOICES)
    value = serializers.DecimalField(max_digits=9, decimal_places=3, min_value=0)


class RemarkBody(Strict):
    kind = serializers.ChoiceField(REMARKS)
    text = serializers.CharField(max_length=2000)
    category = serializers.ChoiceField(INCIDENTS, required=False, default="")


class RecordBody(Strict):
    """One line or several; each kind at most once."""

    contrast = ContrastBody(required=False)
    repeat = RepeatBody(required=False)
    dose = DoseBody(required=False)
    remark = RemarkBody(required=False)


class StrikeBody(Strict):
    """Which line of the record, as the exam shows it, and why it is taken back."""

    what = serializers.ChoiceField(LINES_STRUCK)
    line = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    reason = serializers.CharField(max_length=255)


class ExamQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(STEP.choices, required=False)
