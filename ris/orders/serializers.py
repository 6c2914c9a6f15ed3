"""Orders as the API writes and reads them."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers

from ris.accounts.api_bodies import SiteField, Strict, VisibleField
from ris.accounts.models import Site, User
from ris.orders.lifecycle import ORDER
from ris.orders.models import PATIENT_CLASSES, PRIORITIES, SIDES, Order, Procedure, Referrer, RequestedProcedure
from ris.orders.referrers import directory
from ris.patients.models import Patient

MOST_PROCEDURES = 20
REFERRER = "Of the directory, see /orders/referrers/; the name is the directory's then."


def _directory(_user: User) -> models.QuerySet[Referrer]:
    return directory()


class FoundReferrerSerializer(serializers.ModelSerializer[Referrer]):
    """Somebody of the directory of those who send patients. `label` tells namesakes apart."""

    label = serializers.CharField(read_only=True)  # type: ignore[assignment]
    referrer_name = serializers.CharField(source="person_name", read_only=True, help_text="As orders carry it.")

    class Meta:
        model = Referrer
        fields = ["id", "label", "referrer_name"]
        read_only_fields = fields


class ReferrerQuery(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=200, default="", allow_blank=True, help_text="Words of name or organisation.")


class ProcedureSerializer(serializers.ModelSerializer[Procedure]):
    """A row of the catalogue: what can be ordered."""

    class Meta:
        model = Procedure
        fields = ["code", "scheme", "name", "modality", "body_part", "paired", "duration_minutes", "preparation",
                  "contrast", "loinc_code", "radlex_code"]  # fmt: skip
        read_only_fields = fields


class RequestedProcedureSerializer(serializers.ModelSerializer[RequestedProcedure]):
    """One procedure of an order with the identifiers that its images carry."""

    code = serializers.CharField(source="procedure.code", read_only=True)
    name = serializers.CharField(source="procedure.name", read_only=True)
    modality = serializers.CharField(source="procedure.modality", read_only=True)

    laterality = serializers.CharField(read_only=True, help_text="R, L, B; empty where the procedure has no side.")

    class Meta:
        model = RequestedProcedure
        fields = ["id", "code", "name", "modality", "laterality", "accession_number", "accession_issuer",
                  "requested_procedure_id", "study_instance_uid"]  # fmt: skip
        read_only_fields = fields


class OrderSerializer(serializers.ModelSerializer[Order]):
    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    patient_class = serializers.CharField(
        read_only=True, help_text="A letter of HL7 table 0004; empty where nobody told it."
    )
    procedures = RequestedProcedureSerializer(many=True, read_only=True)

    class Meta:
        model = Order
        fields = ["id", "site", "patient", "state", "priority", "reason", "clinical_question", "referrer",
                  "referrer_name", "placer_number", "filler_number", "patient_class", "visit_number", "visit_issuer",
                  "wanted_from", "cancel_reason", "placed_at", "placed_by_name", "revision", "procedures"]  # fmt: skip
        read_only_fields = fields


class ReferredBody(Strict):
    """Who sends the patient: of the directory, or by name."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The name of somebody of the directory is the directory's, as on the page."""
        referrer = attrs.get("referrer")
        if referrer is None:
            return attrs
        if attrs.get("referrer_name") not in {None, "", referrer.person_name}:
            raise serializers.ValidationError({"referrer_name": "Give either `referrer` or another name."})
        return attrs | {"referrer_name": referrer.person_name}


class DetailsBody(ReferredBody):
    """What goes with the procedures of an order."""

    priority = serializers.ChoiceField(PRIORITIES, default="ROUTINE")
    reason = serializers.CharField(max_length=255, default="", allow_blank=True)
    clinical_question = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    referrer = VisibleField(_directory, default=None, allow_null=True, help_text=REFERRER)
    referrer_name = serializers.CharField(
        max_length=64, default="", allow_blank=True, help_text="As DICOM writes names: FAMILY^Given."
    )
    wanted_from = serializers.DateTimeField(default=None, allow_null=True, help_text="Not before; null: at any time.")


class ModifyBody(ReferredBody):
    """What is to change; what is not named stays. `revision` is that of the order as you read it."""

    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    priority = serializers.ChoiceField(PRIORITIES, required=False)
    reason = serializers.CharField(max_length=255, required=False, allow_blank=True)
    clinical_question = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    referrer = VisibleField(_directory, required=False, allow_null=True, help_text=f"{REFERRER} null: nobody of it.")
    referrer_name = serializers.CharField(
        max_length=64, required=False, allow_blank=True, help_text="As DICOM writes names: FAMILY^Given."
    )
    patient_class = serializers.ChoiceField(
        PATIENT_CLASSES, required=False, allow_blank=True, help_text="As HL7 table 0004 has it."
    )
    visit_number = serializers.CharField(max_length=64, required=False, allow_blank=True)
    visit_issuer = serializers.CharField(max_length=64, required=False, allow_blank=True)
    wanted_from = serializers.DateTimeField(required=False, allow_null=True, help_text="Not before; null: at any time.")


class ProceduresBody(DetailsBody):
    """Codes of the catalogue, with their sides."""

    procedures = serializers.ListField(
        child=serializers.CharField(max_length=16), min_length=1, max_length=MOST_PROCEDURES,
        help_text="Codes of the catalogue, see /procedures/.",
    )  # fmt: skip
    sides = serializers.DictField(
        child=serializers.ChoiceField(SIDES), default=dict,
        help_text="For paired body parts: code of the procedure to R, L or B.",
    )  # fmt: skip

    def validate_procedures(self, codes: list[str]) -> list[Procedure]:
        known = {row.code: row for row in Procedure.objects.filter(active=True, code__in=codes)}
        if unknown := [code for code in codes if code not in known]:
            raise serializers.ValidationError(f"The catalogue has no {', '.join(unknown)}.")
        return [known[code] for code in dict.fromkeys(codes)]


class OrderBody(ProceduresBody):
    """What is asked for: codes of the catalogue, for whom, where, and why."""

    patient = VisibleField(Patient.objects.visible_to)
    site = SiteField("order.view")
    placer_number = serializers.CharField(max_length=64, default="", allow_blank=True)
    patient_class = serializers.ChoiceField(
        PATIENT_CLASSES, default="", allow_blank=True, help_text="As HL7 table 0004 has it."
    )
    visit_number = serializers.CharField(
        max_length=64, default="", allow_blank=True, help_text="Of the stay or visit that this is asked in."
    )
    visit_issuer = serializers.CharField(max_length=64, default="", allow_blank=True, help_text="Whose number that is.")


class ReplaceBody(ProceduresBody):
    """What is ordered instead, and why the old order goes."""

    why = serializers.CharField(max_length=255)


class OrderQuery(serializers.Serializer[Any]):
    accession = serializers.CharField(max_length=16, default="", allow_blank=True, help_text="How one begins.")
    patient = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    state = serializers.ChoiceField(ORDER.choices, required=False)
