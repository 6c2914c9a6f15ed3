"""Addenda, corrections and withdrawals, while they are written, as the API reads and writes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from reporting.amending.correcting import addable, key_of
from reporting.amending.dropping import image_words
from reporting.amending.record import KINDS, LONGEST_CALLER, LONGEST_REASON, Amendment
from reporting.models import Report
from reporting.serializers import EnteredField
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
    fields = serializers.DictField(  # type: ignore[assignment]
        read_only=True, help_text="By key: what a correction fills anew; null where it empties a field."
    )
    key_images = serializers.ListField(child=serializers.CharField(), read_only=True)
    addable_key_images = serializers.SerializerMethodField()

    class Meta:
        model = Amendment
        fields = ["id", "report", "kind", "state", "texts", "reason", "left_out", "fields", "key_images",
                  "addable_key_images", "caller", "called_at", "base", "revision", "author_name",
                  "saved_at"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.DictField(child=serializers.CharField())))
    def get_addable_key_images(self, draft: Amendment) -> list[dict[str, str]]:
        """Of a correction: by key, with where each stands."""
        base = draft.report.newest_that_left if draft.kind == "correction" else None
        images = addable(draft.report, base) if base else []
        return [{"key": key_of(one), "words": image_words(one.place, one.label)} for one in images]


def reports(user: User) -> Any:
    return Report.objects.visible_to(user)


class BeginBody(Strict):
    """Of which report, and whether it is added to, corrected or withdrawn."""

    report = VisibleField(reports)
    kind = serializers.ChoiceField(KINDS)


class SaveBody(Strict):
    """One text for each of `texts`, in their order; of a correction why, and what does not hold; of a withdrawal why.

    Of an addendum after a call, who called and when. Of a correction, `fields` as a person would type them: "12.5 mm",
    "yes", an option's value. What is not sent stays as it was saved.
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
        help_text="Measurements by their keys in the signed version (or by a label that only one has), addenda as "
        "addendum:1, key images as key-image:UID:frame. What was computed from a measurement goes with it.",
    )  # fmt: skip
    fields = EnteredField(default=dict)  # type: ignore[assignment]
    key_images = serializers.ListField(
        child=serializers.CharField(max_length=120), max_length=MOST_TEXTS, required=False,
        help_text="Of `addable_key_images`, the keys of those that the corrected report has too.",
    )  # fmt: skip
    caller = serializers.CharField(
        max_length=LONGEST_CALLER, required=False, allow_blank=True, help_text="Who called about the report."
    )
    called_at = serializers.DateTimeField(required=False, allow_null=True)
