from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ris.dicom.archive.errors import ArchiveError
from worklist.elsewhere.exporting import configured


class Command(BaseCommand):
    help = "Write the worklist where WORKLIST_DIRECTORY or WORKLIST_ORTHANC say; run_deliveries does so all the time."

    def handle(self, *_args: Any, **_options: Any) -> None:
        exporter = configured()
        if exporter is None:
            raise CommandError("Set WORKLIST_DIRECTORY to a folder, or WORKLIST_ORTHANC for Orthanc's REST interface.")
        try:
            tally = exporter.round()
        except (OSError, ArchiveError) as error:
            raise CommandError(f"The worklist was not exported: {error}") from error
        self.stdout.write(f"{tally.written} written, {tally.removed} removed")
