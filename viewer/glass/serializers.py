"""Emergency accesses as the API writes and reads them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import Strict
from ris.accounts.models import Site, User
from viewer.glass.models import EmergencyAccess
from worklist.models import Study


class AccessSerializer(serializers.ModelSerializer[EmergencyAccess]):
    """Who opened which study, why, until when, and what the review said."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True, allow_null=True)
    user = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    study_instance_uid = serializers.CharField(source="study.study_instance_uid", read_only=True)
    is_running = serializers.BooleanField(read_only=True)

    class Meta:
        model = EmergencyAccess
        fields = ["id", "site", "user", "study", "study_instance_uid", "patient", "reason", "opened_at", "until",
                  "is_running", "state", "reviewed_at", "reviewed_by", "remark"]  # fmt: skip
        read_only_fields = fields


class AccessQuery(serializers.Serializer[Any]):
    all = serializers.BooleanField(default=False, help_text="Those that were reviewed too.")


class EmergencyBody(Strict):
    """The accession number or UID of the study that must be seen now, and what the emergency is."""

    study = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=500, help_text="The administrators read it at once.")


class OpenedSerializer(serializers.ModelSerializer[Study]):
    """A study that you may see now: over DICOMweb and in the viewer."""

    class Meta:
        model = Study
        fields = ["id", "study_instance_uid"]
        read_only_fields = fields


class OpenedStudiesSerializer(serializers.Serializer[Any]):
    studies = OpenedSerializer(many=True)


class ReviewBody(Strict):
    """Whether it was right (`justify`), or must be looked into (`question`), which ends it and needs a remark."""

    outcome = serializers.ChoiceField([("justify", "It was right"), ("question", "It must be looked into")])
    remark = serializers.CharField(max_length=500, default="", allow_blank=True)
