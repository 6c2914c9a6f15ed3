"""manage.py load_templates: the starter set of report templates, where it is missing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from reporting.actions.starter import load_starter
from ris.core.actors import SystemActor


class Command(BaseCommand):
    help = "Publish the templates of the starter set that are not there yet. Nothing that is there is changed."

    def handle(self, *_: Any, **__: Any) -> None:
        made = load_starter(by=SystemActor("setup"))
        self.stdout.write(f"{len(made)} new: {', '.join(made)}" if made else "The whole starter set is there already.")
