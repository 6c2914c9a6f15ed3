"""What `AppConfig.ready()` registers for messages that go out."""

from __future__ import annotations


def ready() -> None:
    from ris.core import panels
    from ris.core.timers import every
    from ris.events import subscribe
    from ris.hl7.outgoing import assigned, composing, panel, queue, sending
    from ris.orders.hooks import order_placed

    for kind in composing.EVENTS:
        subscribe(kind, queue.COMPOSER, composing.compose)
    order_placed.register("hl7-out", assigned.ask_for_number)
    every(sending.EVERY, "hl7 out", sending.tick, apart=True)
    panels.register("deliveries", "hl7-out", panel.deliveries_panel)
    panels.register("home", "hl7-out", panel.home_cards)
