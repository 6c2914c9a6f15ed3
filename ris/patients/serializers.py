"""Patients as the API writes and reads them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import SiteField, Strict
from ris.accounts.models import Site
from ris.patients.actions import PatientData
from ris.patients.models import Patient, PatientIdentifier

TYPED = tuple(PatientData.__slots__)


class IdentifierSerializer(serializers.ModelSerializer[PatientIdentifier]):
    class Meta:
        model = PatientIdentifier
        fields = ["issuer", "value"]


class PatientSerializer(serializers.ModelSerializer[Patient]):
    """A person as registered; `merged_into` names the record that stands for them now."""

    display_name = serializers.CharField(read_only=True)
    email = serializers.CharField(read_only=True, help_text="Empty when none is known.")
    identifiers = IdentifierSerializer(many=True, read_only=True)
    sites = serializers.SlugRelatedField[Site](slug_field="code", many=True, read_only=True)

    class Meta:
        model = Patient
        fields = ["id", *TYPED, "display_name", "identifiers", "sites", "merged_into", "created_at"]
        read_only_fields = fields


class PatientChange(Strict, serializers.ModelSerializer[Patient]):
    """A person's data; what is not sent stays as it is."""

    class Meta:
        model = Patient
        fields = TYPED


class Registration(PatientChange):
    """A new person: also where, and under which number; without one, the site's next."""

    site = SiteField("patient.view")
    number = serializers.CharField(max_length=64, default="", allow_blank=True)
    unlike = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), default=list, max_length=100,
        help_text="Ids of the records that you looked at and that are other people, though they resemble.",
    )  # fmt: skip
    sparse = serializers.BooleanField(
        default=False, help_text="Nothing but a family name is known: nobody can tell the person from others of it."
    )

    class Meta(PatientChange.Meta):
        fields = (*TYPED, "site", "number", "unlike", "sparse")


class PatientQuery(serializers.Serializer[Any]):
    q = serializers.CharField(
        max_length=100,
        default="",
        allow_blank=True,
        help_text="A number, words of a name, a date of birth, in any order.",
    )


class Opening(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Why a confidential file is opened; it is kept."
    )
