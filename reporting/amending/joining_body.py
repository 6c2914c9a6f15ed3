"""What a program sends to see its own texts beside the saved ones."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from reporting.amending.instants import written
from reporting.amending.joining import Mine
from reporting.amending.record import LONGEST_CALLER, LONGEST_REASON, Amendment
from reporting.amending.serializers import LONGEST_TEXT, MOST_TEXTS
from reporting.serializers import EnteredField
from ris.accounts.api_bodies import Strict


class TextsField(serializers.ListField):
    child = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=LONGEST_TEXT)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_TEXTS, **kwargs)


class AmendmentJoiningBody(Strict):
    """What you have, as it is saved; in `base`, the texts as they were when you began. The rest is as it was saved."""

    texts = TextsField()
    base = TextsField(default=list)
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True)
    fields = EnteredField(default=dict)  # type: ignore[assignment]
    left_out = serializers.ListField(child=serializers.CharField(max_length=200), max_length=MOST_TEXTS, required=False)
    key_images = serializers.ListField(
        child=serializers.CharField(max_length=120), max_length=MOST_TEXTS, required=False
    )
    caller = serializers.CharField(max_length=LONGEST_CALLER, required=False, allow_blank=True)
    called_at = serializers.DateTimeField(required=False, allow_null=True)

    @staticmethod
    def mine(draft: Amendment, body: dict[str, Any]) -> Mine:
        """What is not sent stands as it was saved."""
        said = {"reason": body["reason"]} if "reason" in body else {}
        zone = draft.report.site.zone
        return Mine(
            texts=_named(body["texts"]) | said,
            began=_named(body["base"]),
            fields=body["fields"],
            caller=body.get("caller"),
            called_at=written(body["called_at"], zone) if "called_at" in body else None,
            left_out=body.get("left_out", draft.left_out),
            key_images=body.get("key_images", draft.key_images),
        )


def _named(texts: list[str]) -> dict[str, str]:
    return {f"text-{number}": text for number, text in enumerate(texts)}
