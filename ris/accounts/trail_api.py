"""GET /api/v1/audit-events/: the audit trail, for those who answer for it. Reading it is recorded (DCM 110101)."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_bodies import LARGEST_ID
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.audit.trail import narrowed, rows_for


class EventSerializer(serializers.ModelSerializer[AuditEvent]):
    """Who did what to which thing. `event_code` is of DICOM CID 400; `outcome` success, refused or failure."""

    outcome = serializers.CharField(read_only=True)
    detail = serializers.DictField(read_only=True)

    class Meta:
        model = AuditEvent
        fields = ["id", "at", "action", "event_code", "outcome", "actor_kind", "actor_id", "actor_display",
                  "target_kind", "target_id", "patient_id", "study_uid", "source", "detail"]  # fmt: skip
        read_only_fields = fields


class TrailQuery(serializers.Serializer[Any]):
    """Of a patient, of the study of an exam, of one thing; or by a text as on the page."""

    patient = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    study = serializers.CharField(max_length=64, required=False, help_text="StudyInstanceUID.")
    target_kind = serializers.CharField(max_length=64, required=False, help_text="As rows have it: orders.order.")
    target_id = serializers.CharField(max_length=128, required=False)
    q = serializers.CharField(
        max_length=128, default="", allow_blank=True, help_text="How an action begins, a study, a person, a thing."
    )
    quiet = serializers.BooleanField(default=False, help_text="Without what devices asked of their worklists.")


class TrailViewSet(StationViewSet[AuditEvent]):
    model = AuditEvent
    needs = "audit.view"

    def visible(self, user: User) -> models.QuerySet[AuditEvent]:
        return rows_for(user)

    @extend_schema(parameters=[TrailQuery], responses=EventSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Rows of your sites, newest first."""
        query = self.query(TrailQuery)
        rows = narrowed(self.visible(self.user), query.pop("q"), quiet=query.pop("quiet"))
        named = {"patient": "patient_id", "study": "study_uid"}
        chosen = {named.get(name, name): value for name, value in query.items()}
        audit.record("audit.opened", ("audit", "trail"), by=self.user, patient=chosen.get("patient_id"))
        return self.page(rows.filter(**chosen), EventSerializer)
