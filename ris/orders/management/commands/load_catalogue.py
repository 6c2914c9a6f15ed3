"""manage.py load_catalogue: the starter set of procedures."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from ris.orders.starter import load_starter_set


class Command(BaseCommand):
    help = "Add common procedures to the catalogue. What is there already is not touched."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_starter_set()} procedures added.")
