"""What else is done to a person's record at /api/v1/patients/: numbers, alerts, merging, saying who it is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts.api_bodies import SiteField, Strict, VisibleField
from ris.accounts.api_stations import StationViewSet
from ris.core.http import get_or_404
from ris.patients import actions
from ris.patients.models import Patient, PatientAlert, PatientIdentifier
from ris.patients.serializers import TYPED, Opening, PatientChange, PatientSerializer

MERGED = OpenApiExample("The same passport", value={"into": 2, "reason": "Same passport"}, request_only=True)
NUMBER = OpenApiExample("Of an insurance", value={"issuer": "KASSE", "value": "A123456789"}, request_only=True)


class MergeBody(Strict):
    """Into which record, and how you know that they are one person."""

    into = VisibleField(Patient.objects.visible_to)
    reason = serializers.CharField(max_length=200)


class WhyBody(Strict):
    reason = serializers.CharField(max_length=200)


class NumberBody(Strict):
    """Who gave the number, and the number."""

    issuer = serializers.CharField(max_length=64)
    value = serializers.CharField(max_length=64)


class RetireBody(NumberBody):
    in_error = serializers.BooleanField(default=False, help_text="It was never this person's.")


class AlertBody(Strict):
    """What everybody must know of this person."""

    kind = serializers.ChoiceField(PatientAlert.KINDS)
    text = serializers.CharField(max_length=200)
    noted_on = serializers.DateField()
    source = serializers.CharField(max_length=80, default="", allow_blank=True)  # type: ignore[assignment]


class EndBody(WhyBody):
    alert = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class UnknownBody(Strict):
    """Somebody whom nobody can ask."""

    site = SiteField("patient.view")
    estimated_age = serializers.IntegerField(min_value=0, max_value=130, default=None, allow_null=True)


class AlertSerializer(serializers.ModelSerializer[PatientAlert]):
    class Meta:
        model = PatientAlert
        fields = ["id", "kind", "text", "noted_on", "source", "active"]
        read_only_fields = fields


class PatientVerbs(StationViewSet[Patient]):
    """Part of the patients' station."""

    @extend_schema(request=UnknownBody, responses={201: PatientSerializer})
    @action(detail=False, methods=["post"])
    def unknown(self, request: Request) -> Response:
        """Register somebody unidentified, under an alias that nobody here ever had."""
        made = actions.register_temporary(by=self.user, **self.body(UnknownBody))
        return Response(PatientSerializer(made).data, status=201)

    @extend_schema(request=PatientChange, responses=PatientSerializer)
    @action(detail=True, methods=["post"])
    def identify(self, request: Request, pk: int) -> Response:
        """Say who an unidentified person is; the alias is kept."""
        patient = self.one()
        data = {name: getattr(patient, name) for name in TYPED} | self.body(PatientChange, partial=True)
        return self._told(actions.identify_patient(patient, actions.PatientData(**data), by=self.user))

    @extend_schema(request=MergeBody, responses=PatientSerializer, examples=[MERGED])
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: int) -> Response:
        """This record is the same person as `into`, which stands for both from now on."""
        loser, body = self.one(), self.body(MergeBody)
        actions.merge_patients(loser, into=body["into"], reason=body["reason"], by=self.user)
        return self._told(loser)

    @extend_schema(request=WhyBody, responses=PatientSerializer)
    @action(detail=True, methods=["post"])
    def unmerge(self, request: Request, pk: int) -> Response:
        """Take the merge of this record back."""
        loser = self.one()
        actions.unmerge_patient(loser, reason=self.body(WhyBody)["reason"], by=self.user)
        return self._told(loser)

    @extend_schema(request=NumberBody, responses=PatientSerializer, examples=[NUMBER])
    @action(detail=True, methods=["post"], url_path="add-number")
    def add_number(self, request: Request, pk: int) -> Response:
        """Note a number that another authority gave."""
        patient = self.one()
        actions.add_identifier(patient, by=self.user, **self.body(NumberBody))
        return self._told(patient)

    @extend_schema(request=RetireBody, responses=PatientSerializer)
    @action(detail=True, methods=["post"], url_path="retire-number")
    def retire_number(self, request: Request, pk: int) -> Response:
        """Send a number out no longer; 404 when it is not this person's."""
        patient, body = self.one(), self.body(RetireBody)
        rows = PatientIdentifier.objects.filter(patient__in=Patient.objects.family(patient))
        rows = rows.filter(issuer=body["issuer"], value=body["value"])
        found = get_or_404(rows, rows.values_list("pk", flat=True).first() or 0)
        actions.retire_identifier(found, in_error=body["in_error"], by=self.user)
        return self._told(patient)

    @extend_schema(request=AlertBody, responses={201: AlertSerializer})
    @action(detail=True, methods=["post"], url_path="add-alert")
    def add_alert(self, request: Request, pk: int) -> Response:
        """Note what everybody must know of this person."""
        made = actions.add_alert(self.one(), actions.AlertData(**self.body(AlertBody)), by=self.user)
        return Response(AlertSerializer(made).data, status=201)

    @extend_schema(request=EndBody, responses=AlertSerializer)
    @action(detail=True, methods=["post"], url_path="end-alert")
    def end_alert(self, request: Request, pk: int) -> Response:
        """It holds no longer; it stays in the file."""
        patient, body = self.one(), self.body(EndBody)
        alerts = PatientAlert.objects.filter(patient__in=Patient.objects.family(patient)).select_related("patient")
        ended = actions.end_alert(get_or_404(alerts, body["alert"]), reason=body["reason"], by=self.user)
        return Response(AlertSerializer(ended).data)

    @extend_schema(parameters=[Opening], responses=AlertSerializer(many=True))
    @action(detail=True, methods=["get"])
    def alerts(self, request: Request, pk: int) -> Response:
        """What must be known of this person, what holds no longer too. Opening it is recorded in the audit trail."""
        patient = self.one()
        actions.open_file(patient, by=self.user, reason=self.query(Opening)["reason"])
        rows = PatientAlert.objects.filter(patient__in=Patient.objects.family(patient))
        return self.page(rows, AlertSerializer)  # type: ignore[arg-type]

    def _told(self, patient: Patient) -> Response:
        fresh: Any = self.visible(self.user).filter(pk=patient.pk).first() or patient
        return Response(PatientSerializer(fresh).data)
