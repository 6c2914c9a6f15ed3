"""Dictations as the API writes and reads them."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.db import models
from rest_framework import serializers

from reporting.actions.drafts import LONGEST_SECTION
from reporting.dictation.audio import LONGEST_SECONDS
from reporting.dictation.record import Clip
from reporting.lifecycle import CLIP
from reporting.models import Report
from ris.accounts.api_bodies import Strict, VisibleField
from ris.accounts.models import Site, User

LARGEST_BODY = 4_900_000


class ClipSerializer(serializers.ModelSerializer[Clip]):
    """A recording for a section of a draft; its sound is fetched apart, while `deleted_at` is null."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)
    report = serializers.IntegerField(source="report_id", read_only=True)
    author_name = serializers.CharField(source="author.display", read_only=True)

    class Meta:
        model = Clip
        fields = ["id", "site", "report", "section", "author_name", "recorded_at", "seconds", "content_type", "size",
                  "state", "typed_by", "typed_at", "deleted_at", "deleted_because"]  # fmt: skip
        read_only_fields = fields


class SoundField(serializers.CharField):
    """The bytes of a file, in base64 (RFC 4648 §4)."""

    default_error_messages = {"base64": "This is not base64."}

    def to_internal_value(self, data: Any) -> bytes:  # type: ignore[override]
        text = super().to_internal_value(data)
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self.fail("base64")


def written(user: User) -> models.QuerySet[Report]:
    rows = Report.objects.visible_to(user).filter(site__in=user.sites_where("report.write"))
    return rows.select_related("task", "site", "template")


class DictateBody(Strict):
    """Which section of which draft, how long it is, and a WebM, Ogg or WAV file."""

    report = VisibleField(written)
    section = serializers.CharField(max_length=64)
    seconds = serializers.IntegerField(min_value=1, max_value=LONGEST_SECONDS)
    audio = SoundField(max_length=LARGEST_BODY)


class TypedBody(Strict):
    """What was dictated, as text; it goes under what the section says already."""

    text = serializers.CharField(max_length=LONGEST_SECTION, trim_whitespace=False)


class ClipQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(CLIP.choices, required=False)
    report = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
