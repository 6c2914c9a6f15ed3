from __future__ import annotations

from django.apps import AppConfig


class ViewerConfig(AppConfig):
    name = "viewer"

    def ready(self) -> None:
        from ris.core.timers import every
        from viewer import kept_again, subscribers

        subscribers.listen()
        every(kept_again.EVERY, "viewer-kept-again", kept_again.take_up)
