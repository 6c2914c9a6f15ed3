from __future__ import annotations

from django.apps import AppConfig


class ViewerConfig(AppConfig):
    name = "viewer"

    def ready(self) -> None:
        from viewer import subscribers

        subscribers.listen()
