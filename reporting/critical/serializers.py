"""Critical findings as the API reads and writes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from reporting.critical.record import CATEGORIES, LONGEST_FINDING, WAYS, Communication, CriticalFinding
from reporting.lifecycle import CRITICAL
from ris.accounts.api_bodies import InstantField, Strict, VisibleField
from ris.accounts.models import Site, User
from worklist.models import ReadingTask


class CommunicationSerializer(serializers.ModelSerializer[Communication]):
    """One attempt to tell a finding."""

    by_name = serializers.CharField(source="by.display", read_only=True)

    class Meta:
        model = Communication
        fields = ["id", "told", "way", "reached", "read_back", "note", "at", "by_name", "noted_at"]
        read_only_fields = fields


class CriticalSerializer(serializers.ModelSerializer[CriticalFinding]):
    """What somebody must be told, and every attempt to tell it."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    case = serializers.IntegerField(source="task_id", read_only=True)
    patient = serializers.IntegerField(source="task.patient_id", read_only=True)
    flagged_by_name = serializers.CharField(source="flagged_by.display", read_only=True)
    images_closed = serializers.BooleanField(
        source="is_void", read_only=True, help_text="Images were another patient's: do not call before it is looked at."
    )
    communications = CommunicationSerializer(many=True, read_only=True)

    class Meta:
        model = CriticalFinding
        fields = ["id", "site", "case", "patient", "category", "finding", "recipient", "reach", "state", "flagged_at",
                  "flagged_by_name", "due_at", "escalations", "withdrawn_because", "images_closed",
                  "communications"]  # fmt: skip
        read_only_fields = fields


def cases(user: User) -> Any:
    return ReadingTask.objects.visible_to(user).select_related("site")


class FlagBody(Strict):
    """Of which case, how soon (1 minutes, 2 hours, 3 days), what, and who must be told: a person, by name."""

    case = VisibleField(cases)
    category = serializers.ChoiceField(CATEGORIES)
    finding = serializers.CharField(max_length=LONGEST_FINDING)
    recipient = serializers.CharField(max_length=120)
    reach = serializers.CharField(max_length=120, default="", allow_blank=True)


class TellBody(Strict):
    """An attempt. It closes the finding when the person was reached and read it back."""

    told = serializers.CharField(max_length=120)
    way = serializers.ChoiceField(WAYS)
    at = InstantField()
    reached = serializers.BooleanField()
    read_back = serializers.BooleanField(default=False)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class CriticalQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(CRITICAL.choices, required=False)
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
