"""`manage.py conformance`: write the tables of docs/conformance/*.md anew from the code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ris.home.conformance.document import Table, UnknownTable, refreshed
from ris.home.conformance.documents import DOCUMENTS


class Command(BaseCommand):
    help = "Write the tables of the conformance statements from the code; --check only says whether they are stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a table is stale")

    def handle(self, *_args: Any, **options: Any) -> None:
        for document, tables in DOCUMENTS.items():
            self._refresh(document, tables, check=options["check"])

    def _refresh(self, document: Path, tables: Mapping[str, Table], *, check: bool) -> None:
        before = document.read_text(encoding="utf-8")
        try:
            after = refreshed(before, tables)
        except UnknownTable as error:
            raise CommandError(f"{document.name}: {error}.") from error
        if not check:
            document.write_text(after, encoding="utf-8")
            self.stdout.write(f"{document.name}: {len(tables)} tables.")
        elif after != before:
            raise CommandError(f"{document.name} is stale: run manage.py conformance.")
