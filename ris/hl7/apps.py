from __future__ import annotations

from django.apps import AppConfig


class Hl7Config(AppConfig):
    name = "ris.hl7"
    label = "hl7"
    verbose_name = "HL7 v2"

    def ready(self) -> None:
        from ris.core.timers import every
        from ris.hl7.incoming.parking import EVERY, replay_due
        from ris.hl7.outgoing import setup as outgoing

        every(EVERY, "hl7-parked", replay_due)
        outgoing.ready()
