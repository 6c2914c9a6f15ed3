"""/api/v1/hl7-senders/: who may send to us, where they write what, and what their codes mean."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import Strict
from ris.accounts.settings_api import SettingsViewSet
from ris.accounts.settings_fields import SettingSerializer
from ris.hl7.incoming.fieldmap import TARGETS
from ris.hl7.incoming.record import TRANSLATED, FieldRule, Sender, Translation
from ris.hl7.incoming.setup import save_sender

MOST_RULES, MOST_CODES = 200, 5000


class FieldRuleSerializer(Strict):
    """That this sender writes something elsewhere than the map says."""

    target = serializers.ChoiceField(TARGETS)
    paths = serializers.CharField(max_length=120, help_text="The first that is filled counts: OBR-18, ZDS-1.2")


class TranslationSerializer(Strict):
    """A code of theirs, and which of ours it is."""

    table = serializers.ChoiceField(TRANSLATED)
    theirs = serializers.CharField(max_length=120)
    ours = serializers.CharField(max_length=64)


class Hl7SenderSerializer(SettingSerializer):
    """A system that sends to us. `rules` and `translations` are sent whole: they take the place of what there was."""

    rules = FieldRuleSerializer(many=True, required=False, max_length=MOST_RULES)  # type: ignore[call-arg]
    translations = TranslationSerializer(many=True, required=False, max_length=MOST_CODES)  # type: ignore[call-arg]

    class Meta:
        model = Sender
        fields = ["id", "site", "name", "active", "application", "facility", "addresses", "charset", "issuer",
                  "placer_issuer", "registers_from_orders", "plain_answers", "rules", "translations"]  # fmt: skip


class SenderViewSet(SettingsViewSet[Sender]):
    """Systems that send HL7 messages to us. One is switched off, not deleted: its messages are kept."""

    model, form = Sender, Hl7SenderSerializer

    def written(self, row: Sender, body: dict[str, Any]) -> Sender:
        rules, translations = body.pop("rules", None), body.pop("translations", None)
        for name, value in body.items():
            setattr(row, name, value)
        return save_sender(
            row,
            by=self.user,
            rules=None if rules is None else [FieldRule(**one) for one in rules],
            translations=None if translations is None else [Translation(**one) for one in translations],
        )
