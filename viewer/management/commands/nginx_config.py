"""Print the nginx configuration of deploy/nginx with the settings of this installation in it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from viewer.front import Front, authorization, render
from viewer.ohif.prepare import FILES

IN_MEMORY = "/dev/shm/isocenter"  # noqa: S108  nginx makes it with the rights of its own user


class Command(BaseCommand):
    help = "Print the nginx configuration; it holds the archive's password: keep it readable by root alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--listen", default="127.0.0.1:8080", help="where nginx listens")
        parser.add_argument("--warm", default="127.0.0.1:8081", help="where it takes what the RIS fetches ahead")
        parser.add_argument("--web", default="127.0.0.1:8000", help="where the RIS listens")
        parser.add_argument("--cache", default=IN_MEMORY, help="a folder, best in memory (a tmpfs)")
        parser.add_argument("--cache-mb", type=int, default=2000)
        parser.add_argument("--log", default="/var/log/nginx/isocenter.log", help="requests, without their addresses")

    def handle(self, *_: Any, **options: Any) -> None:
        archive = urlsplit(settings.ORTHANC_URL)
        if settings.ARCHIVE_KIND != "orthanc" or archive.scheme != "http" or archive.path.strip("/"):
            raise CommandError("nginx fetches frames from an Orthanc over plain HTTP at the root of its address.")
        front = Front(
            listen=options["listen"], warm=options["warm"], web=options["web"], orthanc=archive.netloc,
            authorization=authorization(), cache=Path(options["cache"]), cache_mb=options["cache_mb"],
            log=Path(options["log"]),
            ohif=(Path(settings.OHIF_DIR) / FILES).resolve(),
        )  # fmt: skip
        try:
            self.stdout.write(render(front))
        except ValueError as error:
            raise CommandError(str(error)) from error
