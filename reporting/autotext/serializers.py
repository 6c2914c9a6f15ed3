"""Autotexts as the API reads and writes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from reporting.autotext.actions import MOST
from reporting.autotext.record import LONGEST_KEYWORD, LONGEST_TEXT, Autotext
from ris.accounts.api_bodies import Strict


class AutotextSerializer(serializers.ModelSerializer[Autotext]):
    """`whose`: "mine", or the group or site that shares it; what is shared is changed by an administrator."""

    procedure = serializers.CharField(source="procedure.code", default="", read_only=True)
    whose = serializers.CharField(read_only=True)

    class Meta:
        model = Autotext
        fields = ["id", "keyword", "text", "section", "procedure", "whose"]
        read_only_fields = fields


class AutotextBody(Strict):
    """One of your own. `section`: a section's key, `procedure`: a code of the catalogue; empty for any."""

    keyword = serializers.CharField(max_length=LONGEST_KEYWORD)
    text = serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False)
    section = serializers.CharField(max_length=40, default="", allow_blank=True)
    procedure = serializers.CharField(max_length=64, default="", allow_blank=True)


class ManyField(serializers.ListField):
    """Up to what one person may have."""

    child = AutotextBody()

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > MOST:
            raise serializers.ValidationError(f"At most {MOST} autotexts at once.")
        return super().to_internal_value(data)


class ManyBody(Strict):
    """All of them become your own, or none."""

    autotexts = ManyField()
