"""Write the configuration of the Orthanc that belongs to this installation."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ris.dicom import tls
from ris.dicom.models import Node
from ris.dicom.orthanc.config import HOOK_SCRIPT, PLUGINS_DIR, Device, OrthancOptions, build


class Command(BaseCommand):
    help = (
        "Print Orthanc's configuration for this installation, or write it to a file that only its owner can read. "
        "The Orthanc process also needs ISOCENTER_HOOK_URL (<the RIS>/hooks/orthanc) and ISOCENTER_HOOK_SECRET "
        "(the same as HOOK_SECRET) in its environment. Orthanc keeps its modalities in its database: the RIS writes "
        "them there when a device is saved, and within a minute to an Orthanc that is new. It speaks plain HTTP and "
        "plain DICOM: end TLS in front of it (Orthanc 1.10.1 dies at the first HTTPS connection)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, help="the file to write; without it, print")
        parser.add_argument("--storage", type=Path, default=settings.DATA_DIR / "orthanc", help="where images go")
        parser.add_argument("--dicom-port", type=int, default=4242)
        parser.add_argument("--stable-age", type=int, default=3, help="seconds without news that make a study stable")
        parser.add_argument("--plugins-dir", type=Path, default=PLUGINS_DIR)
        parser.add_argument("--hook-script", type=Path, default=HOOK_SCRIPT)
        parser.add_argument(
            "--remote-access", action="store_true", help="answer others than this machine, with password"
        )
        parser.add_argument("--known-senders", action="store_true", help="take images from registered devices only")
        parser.add_argument(
            "--devices-in-file", action="store_true", help="list the devices here, and print again when one changes"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            configuration = json.dumps(build(_options(options)), indent=2)
        except ValueError as error:
            raise CommandError(f"{error} Set ORTHANC_USERNAME and ORTHANC_PASSWORD.") from error
        if options["output"] is None:
            self.stdout.write(configuration)
        else:
            _write_privately(options["output"], configuration)


def _options(given: dict[str, Any]) -> OrthancOptions:
    return OrthancOptions(
        storage=given["storage"],
        username=settings.ORTHANC_USERNAME,
        password=settings.ORTHANC_PASSWORD,
        http_port=urlsplit(settings.ORTHANC_URL).port or 8042,
        dicom_port=given["dicom_port"],
        ae_title=settings.ORTHANC_AET,
        dicomweb_root=settings.ORTHANC_DICOMWEB_ROOT,
        stable_age=given["stable_age"],
        remote_access=given["remote_access"],
        any_sender=not given["known_senders"],
        devices=devices(),
        devices_in_file=given["devices_in_file"],
        tls=tls.configured(),
        plugins_dir=given["plugins_dir"],
        hook_script=given["hook_script"],
    )


def devices() -> list[Device]:
    """The registered modalities that can be called back."""
    nodes = Node.objects.filter(active=True, kind="modality").order_by("ae_title")
    return [Device(node.ae_title, node.host, node.port, node.tls) for node in nodes if node.host and node.port]


def _write_privately(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content + "\n")
    draft.replace(path)
