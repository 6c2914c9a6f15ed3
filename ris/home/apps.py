from __future__ import annotations

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "ris.home"
    label = "home"

    def ready(self) -> None:
        from ris.core import panels
        from ris.home.cards import cards_for

        panels.register("home", "home", cards_for)
