from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "ris.orders"
    label = "orders"

    def ready(self) -> None:
        from ris.core import panels
        from ris.orders.panels import home_cards, patient_orders

        panels.register("patient", "orders", patient_orders)
        panels.register("home", "orders", home_cards)
