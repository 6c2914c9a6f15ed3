from __future__ import annotations

from django.apps import AppConfig


class Hl7Config(AppConfig):
    name = "ris.hl7"
    label = "hl7"
    verbose_name = "HL7 v2"

    def ready(self) -> None:
        from ris.core import panels
        from ris.core.timers import every
        from ris.events.forgetting import register
        from ris.hl7.forgetting import forget_incoming, forget_outgoing
        from ris.hl7.incoming.panel import home_cards
        from ris.hl7.incoming.parking import EVERY, replay_due
        from ris.hl7.outgoing import setup as outgoing

        every(EVERY, "hl7-parked", replay_due)
        panels.register("home", "hl7-in", home_cards)
        register("hl7_in", forget_incoming)
        register("hl7_out", forget_outgoing)
        outgoing.ready()
