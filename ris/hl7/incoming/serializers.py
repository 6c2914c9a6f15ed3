"""Messages that came in, as the API writes them: what the pages show, and no more."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ris.accounts.api_bodies import Strict, VisibleField
from ris.accounts.models import Site
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.permissions import senders_of
from ris.hl7.incoming.record import InboundMessage, Sender


class SenderSerializer(serializers.ModelSerializer[Sender]):
    """A system that sends to us, known by MSH-3 and MSH-4."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)

    class Meta:
        model = Sender
        fields = ["id", "site", "name", "application", "facility"]
        read_only_fields = fields


class IncomingSerializer(serializers.ModelSerializer[InboundMessage]):
    """A message without its text, which names a patient. `result` is in words without names."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True, allow_null=True)
    orders = serializers.ListField(child=serializers.IntegerField(), source="order_ids", read_only=True)

    class Meta:
        model = InboundMessage
        fields = ["id", "site", "sender", "sender_key", "peer", "control_id", "kind", "received_at", "written_at",
                  "state", "attempts", "result", "orders", "answer_code", "settled_at"]  # fmt: skip
        read_only_fields = fields


class IncomingTextSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="A segment a line; empty when it was deleted, as the policy says.")


class IncomingQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(INBOUND.choices, required=False)


class TryBody(Strict):
    """A message to try, as one of the senders of your sites would send it."""

    sender = VisibleField(senders_of)
    text = serializers.CharField(max_length=200_000, trim_whitespace=False, help_text="From MSH on, a segment a line.")


class FaultSerializer(serializers.Serializer[Any]):
    """What is wrong: `code` of HL7 table 0357, `location` as ERR-2 has it."""

    words = serializers.CharField()
    code = serializers.CharField()
    location = serializers.CharField()


class ActSerializer(serializers.Serializer[Any]):
    """What would be done, as the audit trail calls it."""

    action = serializers.CharField()
    target_kind = serializers.CharField()


class ReadSerializer(serializers.Serializer[Any]):
    """What was read; `paths` is where it usually stands."""

    what = serializers.CharField()
    value = serializers.CharField()
    paths = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        row, value = instance
        return {"what": row.words, "value": value, "paths": row.paths}


class RehearsalSerializer(serializers.Serializer[Any]):
    does = serializers.BooleanField(help_text="Whether it would be done.")
    words = serializers.CharField()
    faults = FaultSerializer(many=True)
    acts = ActSerializer(many=True)
    read = ReadSerializer(many=True)
