"""`manage.py conformance`: write the tables of docs/conformance/dicom.md anew from the code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ris.home.conformance.document import UnknownTable, refreshed
from ris.home.conformance.tables import TABLES

DOCUMENT = settings.BASE_DIR / "docs" / "conformance" / "dicom.md"


class Command(BaseCommand):
    help = (
        "Write the tables of the DICOM conformance statement from the code; --check only says whether they are stale."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a table is stale")

    def handle(self, *_args: Any, **options: Any) -> None:
        before = DOCUMENT.read_text(encoding="utf-8")
        try:
            after = refreshed(before, TABLES)
        except UnknownTable as error:
            raise CommandError(f"{DOCUMENT.name}: {error}.") from error
        if options["check"]:
            if after != before:
                raise CommandError(f"{DOCUMENT.name} is stale: run manage.py conformance.")
            return
        DOCUMENT.write_text(after, encoding="utf-8")
        self.stdout.write(f"{DOCUMENT.name}: {len(TABLES)} tables.")
