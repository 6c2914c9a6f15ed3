"""manage.py verify_reports: every signed report proven again; exit 1 when one is not what was signed."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting.models import Report
from reporting.verifying import Depth, faults_of
from ris.dicom.archive import ArchiveError, get_archive

NOT_CHECKED = 2


class Command(BaseCommand):
    help = (
        "Recompute hashes and chains of signed reports, check their signatures and files, and name every fault. "
        "Exit 1 when there is one, 2 when it could not be checked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--report", type=int, action="append", help="only this report; may be given again")
        parser.add_argument("--archive", action="store_true", help="read the objects back from the archive, too")
        parser.add_argument("--trust", type=Path, help="PEM of the authorities; default SIGNING_TRUST_FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        trust = options["trust"] or settings.SIGNING_TRUST_FILE
        depth = Depth(_authorities(Path(trust)), get_archive() if options["archive"] else None)
        found = Report.objects.filter(versions__isnull=False).distinct().order_by("pk")
        reports = found.filter(pk__in=options["report"]) if options["report"] else found
        checked = faults = 0
        for report in reports.iterator(chunk_size=200):
            checked += 1
            faults += self._named(report, depth)
        self.stdout.write(f"{checked} signed reports, {faults} faults")
        if faults:
            raise CommandError("Not every report is what was signed.", returncode=1)

    def _named(self, report: Report, depth: Depth) -> int:
        found = 0
        try:
            for words in faults_of(report, depth):
                found += 1
                self.stderr.write(f"FAULT report {report.pk}: {words}")
        except ArchiveError as error:
            raise CommandError(f"The archive cannot be asked: {error.message}", returncode=NOT_CHECKED) from error
        return found


def _authorities(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        words = f"The authorities that signatures are checked against cannot be read ({path.name}): {error.strerror}."
        raise CommandError(f"{words} Set SIGNING_TRUST_FILE or give --trust.", returncode=NOT_CHECKED) from error
