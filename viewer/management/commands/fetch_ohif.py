"""`manage.py fetch_ohif`: obtain the pinned OHIF and prepare it for /viewer/ohif/. Safe to run again."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from viewer.ohif import minify
from viewer.ohif.errors import PreparationError
from viewer.ohif.fetch import MINIFIER, VERSION, FetchError, fetch, unpack
from viewer.ohif.library import BASE
from viewer.ohif.prepare import is_prepared, prepare


class Command(BaseCommand):
    help = "Fetch the pinned OHIF viewer through npm and prepare it for its path; does nothing when that is done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="prepare again even if it is there")

    def handle(self, *args: object, **options: object) -> None:
        target = Path(settings.OHIF_DIR)
        if not options["force"] and is_prepared(target, version=VERSION, base=BASE):
            self.stdout.write(f"OHIF {VERSION} is ready in {target}.")
            return
        try:
            self._make(target)
        except (FetchError, PreparationError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"OHIF could not be written to {target}: {error.strerror or error}.") from error
        self.stdout.write(f"OHIF {VERSION} prepared in {target}.")

    def _make(self, target: Path) -> None:
        folder = Path(settings.BUILD_DIR) / "npm"
        self.stdout.write(f"Fetching OHIF {VERSION} (50 MB, once) …")
        tarball, minifier = fetch(folder), fetch(folder, MINIFIER)
        unpacked, tools = folder / "ohif-unpacked", folder / "minifier-unpacked"
        self.stdout.write("Preparing it for its path (about a minute) …")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shrink = partial(minify.scripts, minifier=unpack(minifier, tools))
            prepare(unpack(tarball, unpacked) / "dist", target, version=VERSION, base=BASE, shrink=shrink)
        finally:
            for used in (unpacked, tools):
                shutil.rmtree(used, ignore_errors=True)
