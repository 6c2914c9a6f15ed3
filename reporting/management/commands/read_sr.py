"""`manage.py read_sr FILE [--image FILE…]`: what the RIS understands of a device's SR, before a site trusts it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reporting.sr.limits import MAX_BYTES
from ris.dicom import sandbox

REFUSED = 2


class Command(BaseCommand):
    help = "Print as JSON what is understood of a structured report. Exit 0 when it was read, 2 when refused."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the SR, a DICOM file")
        parser.add_argument(
            "--image",
            type=Path,
            nargs="+",
            action="extend",
            default=[],
            help="images that the SR refers to, to recompute its measurements",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            images = [sandbox.call("reporting.sr.sandboxed.image_json", _bytes(path)) for path in options["image"]]
            read = sandbox.call("reporting.sr.sandboxed.read_json", _bytes(options["file"], MAX_BYTES + 1), images)
        except sandbox.SandboxRefused as refusal:
            raise CommandError(f"Refused: {refusal.reason}", returncode=REFUSED) from refusal
        self.stdout.write(json.dumps(read, indent=2, ensure_ascii=False, allow_nan=False))


def _bytes(path: Path, limit: int = -1) -> bytes:
    """The file, or as much of it as shows that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=REFUSED) from error
