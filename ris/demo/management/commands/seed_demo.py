"""manage.py seed_demo: the demo's people, rooms, patients and orders; safe to run again."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from ris.demo.seed import seed


class Command(BaseCommand):
    help = "Seed the demo: sites, people, rooms, procedures, templates, a few patients. Adds nothing twice."

    def handle(self, *args: object, **options: object) -> None:
        seed()
        self.stdout.write("The demo's data is in place.")
