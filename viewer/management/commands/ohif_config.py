"""`manage.py ohif_config`: print OHIF's configuration, for any DICOMweb address."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from viewer.ohif.config import Values, render
from viewer.retrieval import ROOT


class Command(BaseCommand):
    help = "Print the app-config.js that the viewer gets; --dicomweb names another endpoint."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dicomweb", default=ROOT, help=f"root of the DICOMweb services (default {ROOT})")
        parser.add_argument("--observer", default="", help="person name that measurements carry, FAMILY^Given")
        parser.add_argument("--brand", default=settings.VIEWER_BRAND)
        parser.add_argument("--source-name", default="isocenter")

    def handle(self, *args: object, **options: object) -> None:
        values = Values(
            dicomweb=str(options["dicomweb"]),
            observer=str(options["observer"]),
            brand=str(options["brand"]),
            sourceName=str(options["source_name"]),
        )
        self.stdout.write(render(values))
