from __future__ import annotations

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "ris.notifications"
    label = "notifications"
    verbose_name = "Messages"

    def ready(self) -> None:
        from ris.events import subscribe
        from ris.events.forgetting import register
        from ris.events.hooks import delivery_parked, delivery_resent
        from ris.notifications import checks, subscribers  # noqa: F401  checks register themselves
        from ris.notifications.forgetting import forget_sent

        subscribe("message.queued", subscribers.SENDER, subscribers.send)
        register("messages", forget_sent)
        delivery_parked.register("notifications", subscribers.give_up)
        delivery_parked.register("notifications.tell", subscribers.tell_administrators)
        delivery_resent.register("notifications", subscribers.set_out_again)
