"""Studies as the API writes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import Strict
from ris.accounts.models import Site
from worklist.exam.record import ReceivedSeries
from worklist.lifecycle import STUDY
from worklist.models import Study, StudyLink


class StudyLinkSerializer(serializers.ModelSerializer[StudyLink]):
    """Which requested procedure a study answers, and why we think so."""

    accession_number = serializers.CharField(source="requested_procedure.accession_number", read_only=True)

    class Meta:
        model = StudyLink
        fields = ["requested_procedure", "accession_number", "evidence", "linked_at", "linked_by"]
        read_only_fields = fields


class StudySerializer(serializers.ModelSerializer[Study]):
    """A study as the archive describes it, and what we made of it. No pixels: those pass the viewer."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    modalities = serializers.ListField(child=serializers.CharField(), read_only=True)
    findings = serializers.ListField(child=serializers.CharField(), read_only=True)
    links = StudyLinkSerializer(source="active_links", many=True, read_only=True)

    class Meta:
        model = Study
        fields = ["id", "study_instance_uid", "site", "state", "patient_id_text", "issuer_of_patient_id",
                  "patient_name", "birth_date", "accession_number", "modalities", "study_date", "study_time",
                  "description", "station_aet", "series_count", "instance_count", "findings",
                  "first_seen_at", "changed_at", "links"]  # fmt: skip
        read_only_fields = fields


class SeriesSerializer(serializers.ModelSerializer[ReceivedSeries]):
    """A series as the archive described it when it was last asked. `id` names its picture."""

    class Meta:
        model = ReceivedSeries
        fields = ["id", "series_instance_uid", "number", "modality", "description", "body_part", "images"]
        read_only_fields = fields


class NoticeBody(Strict):
    """Which study is new in the archive."""

    study_instance_uid = serializers.RegexField(r"^[0-9]+(\.[0-9]+)*$", max_length=64)


class NoticeSerializer(serializers.Serializer[Any]):
    accepted = serializers.BooleanField()


class StudyQuery(serializers.Serializer[Any]):
    accession = serializers.CharField(max_length=16, default="", allow_blank=True, help_text="How one begins.")
    study_instance_uid = serializers.CharField(max_length=64, required=False)
    state = serializers.ChoiceField(STUDY.choices, required=False)
