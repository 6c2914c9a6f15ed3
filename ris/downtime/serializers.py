"""Downtime forms as the API writes them, and what stands on one."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import InstantField, SiteField, Strict, VisibleField
from ris.accounts.models import Site
from ris.downtime.actions import Entry
from ris.downtime.actions.forms import MOST
from ris.downtime.lifecycle import FORM
from ris.downtime.models import DowntimeForm, Snapshot
from ris.orders.actions import Answer, OrderDetails
from ris.orders.asking_api import SAFETY_KINDS
from ris.orders.models import PRIORITIES, SIDES, Order, Procedure
from ris.patients.actions import PatientData
from ris.patients.models import SEXES, Patient
from ris.scheduling.models import Resource

WHO = ["known", "new", "unknown"]


class FormSerializer(serializers.ModelSerializer[DowntimeForm]):
    """A sheet of paper with numbers of its own. `order` is what was entered from it."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    order = serializers.SerializerMethodField()

    class Meta:
        model = DowntimeForm
        fields = ["id", "site", "accession_number", "accession_issuer", "requested_procedure_id",
                  "study_instance_uid", "state", "made_at", "made_by_name", "settled_at", "settled_by_name",
                  "spoil_reason", "order"]  # fmt: skip
        read_only_fields = fields

    def get_order(self, form: DowntimeForm) -> int | None:
        return form.exam.order_id if form.exam else None


class FormQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(FORM.choices, required=False)
    accession = serializers.CharField(
        max_length=16, default="", allow_blank=True, help_text="The number on the paper, as the scanner reads it."
    )


class FormPrintBody(Strict):
    site = SiteField("downtime.view")
    count = serializers.IntegerField(min_value=1, max_value=MOST)


class NewcomerBody(Strict):
    family_name = serializers.CharField(max_length=64)
    given_name = serializers.CharField(max_length=64, default="", allow_blank=True)
    birth_date = serializers.DateField(default=None, allow_null=True)
    sex = serializers.ChoiceField(SEXES, default="", allow_blank=True)


class SaidBody(Strict):
    """An answer of safety as it stands on the paper."""

    kind = serializers.ChoiceField(SAFETY_KINDS)
    value = serializers.CharField(max_length=40)
    measured_on = serializers.DateField()
    source = serializers.CharField(max_length=80, default="Patient")  # type: ignore[assignment]


class EntryBody(Strict):
    """What stands on the paper, from top to bottom. `performed_at` null: the exam is still to be done."""

    who = serializers.ChoiceField(WHO, help_text="known: `patient`; new: `newcomer`; unknown: nobody knows who it is.")
    patient = VisibleField(Patient.objects.visible_to, required=False)
    newcomer = NewcomerBody(required=False)
    unlike = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), default=list, max_length=100,
        help_text="Ids of the records that you looked at and that are other people, though they resemble.",
    )  # fmt: skip
    procedure = serializers.SlugRelatedField[Procedure](
        slug_field="code", queryset=Procedure.objects.filter(active=True)
    )
    side = serializers.ChoiceField(SIDES, default="", allow_blank=True)
    priority = serializers.ChoiceField(PRIORITIES, default="ROUTINE")
    reason = serializers.CharField(max_length=255, default="", allow_blank=True)
    referrer_name = serializers.CharField(
        max_length=64, default="", allow_blank=True, help_text="As DICOM writes names: FAMILY^Given."
    )
    notes = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    performed_at = InstantField(allow_null=True)
    room = VisibleField(lambda user: Resource.objects.visible_to(user).filter(active=True), required=False)
    answers = SaidBody(many=True, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name, who in (("patient", "known"), ("newcomer", "new")):
            if (name in attrs) != (attrs["who"] == who):
                raise serializers.ValidationError({name: f"Give it where `who` is {who}, and only there."})
        return attrs

    @staticmethod
    def newcomer_of(body: dict[str, Any]) -> PatientData | None:
        return PatientData(**body["newcomer"]) if "newcomer" in body else None

    @classmethod
    def entry_of(cls, body: dict[str, Any], unlike: set[int]) -> Entry:
        """What the action takes."""
        details = OrderDetails(
            priority=body["priority"], reason=body["reason"], referrer_name=body["referrer_name"],
            clinical_question=body["notes"],
        )  # fmt: skip
        return Entry(
            procedure=body["procedure"], side=body["side"], details=details, patient=body.get("patient"),
            newcomer=cls.newcomer_of(body), unlike=tuple(sorted(unlike)), performed_at=body["performed_at"],
            room=body.get("room"), answers=tuple(Answer(**one) for one in body["answers"]),
        )  # fmt: skip


class EnteredSerializer(serializers.Serializer[Any]):
    """The order that was made from a form."""

    order = serializers.IntegerField(source="pk")
    patient = serializers.IntegerField(source="patient_id")
    filler_number = serializers.CharField()
    accession_number = serializers.SerializerMethodField()

    def get_accession_number(self, order: Order) -> str:
        return order.procedures.get().accession_number


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    """A list of today and tomorrow, encrypted under the passphrase of its site. `stale`: do not rely on it."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    stale = serializers.BooleanField(source="is_stale", read_only=True)

    class Meta:
        model = Snapshot
        fields = ["id", "site", "name", "made_at", "size", "sha256", "exams", "stale"]
        read_only_fields = fields


class SnapshotQuery(serializers.Serializer[Any]):
    site = SiteField("downtime.snapshot", required=False)
