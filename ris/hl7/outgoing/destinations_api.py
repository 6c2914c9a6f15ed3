"""/api/v1/hl7-destinations/: who is told what happens at a site."""

from __future__ import annotations

from typing import Any

from ris.accounts.settings_api import SettingsViewSet
from ris.accounts.settings_fields import SettingSerializer
from ris.hl7.outgoing.actions import save_destination
from ris.hl7.outgoing.models import Destination


class DestinationSerializer(SettingSerializer):
    """A system that is told over MLLP what happens at a site. `last_answer_at` and `last_error`: how it went."""

    class Meta:
        model = Destination
        fields = ["id", "site", "name", "active", "closed", "host", "port", "tls", "answer_seconds", "reports",
                  "preliminary", "pdf", "orders", "department_orders", "order_form", "appointments",
                  "sending_application", "sending_facility", "receiving_application", "receiving_facility",
                  "charset", "processing", "last_answer_at", "last_error"]  # fmt: skip
        read_only_fields = ["last_answer_at", "last_error"]


class DestinationViewSet(SettingsViewSet[Destination]):
    """Systems that we send HL7 messages to. One is closed, not deleted: what it was sent stays readable."""

    model, form = Destination, DestinationSerializer

    def store(self, row: Destination, *, fields: dict[str, Any], many: dict[str, Any]) -> Destination:
        return save_destination(row, by=self.user)
