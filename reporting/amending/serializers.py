"""Addenda and corrections, while they are written, as the API reads and writes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from reporting.amending.record import KINDS, LONGEST_CALLER, LONGEST_REASON, Amendment
from reporting.models import Report
from ris.accounts.api_bodies import Strict, VisibleField
from ris.accounts.models import User

MOST_TEXTS = 50
LONGEST_TEXT = 50_000


class TextSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(required=False, help_text="Of the section; an addendum has none.")
    title = serializers.CharField()
    text = serializers.CharField(allow_blank=True)


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    """A draft of your own. `base` is the number of the version that it is about."""

    texts = TextSerializer(many=True, read_only=True)
    left_out = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Amendment
        fields = ["id", "report", "kind", "state", "texts", "reason", "left_out", "caller", "called_at", "base",
                  "revision", "author_name", "saved_at"]  # fmt: skip
        read_only_fields = fields


def reports(user: User) -> Any:
    return Report.objects.visible_to(user)


class BeginBody(Strict):
    """Of which report, and whether it is added to or corrected."""

    report = VisibleField(reports)
    kind = serializers.ChoiceField(KINDS)


class SaveBody(Strict):
    """One text for each of `texts`, in their order; of a correction why, and what does not hold.

    Of an addendum after a call, who called and when. What is not sent stays as it was saved.
    """

    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    seen = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="The newest version that you saw.")
    texts = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=LONGEST_TEXT),
        max_length=MOST_TEXTS,
    )
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True)
    left_out = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=MOST_TEXTS, required=False,
        help_text="Measurements by their keys in the signed version (or by a label that only one has), and addenda as "
        "addendum:1. What was computed from a measurement goes with it.",
    )  # fmt: skip
    caller = serializers.CharField(
        max_length=LONGEST_CALLER, required=False, allow_blank=True, help_text="Who called about the report."
    )
    called_at = serializers.DateTimeField(required=False, allow_null=True)
