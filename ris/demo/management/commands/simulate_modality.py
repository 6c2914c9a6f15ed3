"""Run simulated devices: they take their steps off the worklist, make images and store them, over DICOM only."""

from __future__ import annotations

import logging
import signal
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ris import env
from ris.core.identifiers import is_ae_title
from ris.demo.modality.device import Device, Habits
from ris.demo.modality.errors import ModalityError
from ris.demo.modality.images.kinds import KINDS
from ris.demo.modality.scanner import Scanner
from ris.demo.modality.shift import Shift
from ris.demo.modality.stations import STATIONS
from ris.demo.modality.wire import Peer


def _ae_title(value: str) -> str:
    if not is_ae_title(value):
        raise ArgumentTypeError(f"“{value}” is not an AE title: 1 to 16 of A-Z, 0-9, _ and -.")
    return value


def _address(value: str) -> str:
    try:
        Peer.parse(value, "")
    except ValueError as fault:
        raise ArgumentTypeError(str(fault)) from fault
    return value


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 <= seconds < 86_400:
        raise ArgumentTypeError("seconds must lie between 0 and 86400.")
    return seconds


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except ZoneInfoNotFoundError as fault:
        raise ArgumentTypeError(f"“{value}” is not a time zone such as Europe/Berlin.") from fault


def _count(value: str) -> int:
    count = int(value)
    if not 1 <= count <= 1000:
        raise ArgumentTypeError("a series has 1 to 1000 images.")
    return count


class Command(BaseCommand):
    help = (
        "Simulated devices. Each looks at its worklist, starts the step (MPPS), stores a synthetic study in the "
        "archive and completes the step. Without --once or --accession they go on until stopped."
    )

    requires_system_checks = ()  # neither models nor a database are touched

    def add_arguments(self, parser: ArgumentParser) -> None:
        self._add_peers(parser)
        self._add_habits(parser)

    def _add_peers(self, parser: ArgumentParser) -> None:
        host = urlsplit(settings.ORTHANC_URL).hostname or "127.0.0.1"
        archive = f"{host}:{env.number('ORTHANC_DICOM_PORT', 4242)}"
        worklist = f"{settings.DICOM_SCP_HOST}:{settings.DICOM_SCP_PORT}"
        add = parser.add_argument
        add("--aet", action="append", type=_ae_title, help="AE title of a device; repeatable (default: the demo's).")
        add("--mwl", default=worklist, type=_address, help="host:port of worklist and MPPS (%(default)s).")
        add("--mwl-aet", default=settings.DICOM_AET, type=_ae_title, help="its AE title (%(default)s).")
        add("--archive", default=archive, type=_address, help="host:port of the archive (%(default)s).")
        add("--archive-aet", default=settings.ORTHANC_AET, type=_ae_title, help="its AE title (%(default)s).")

    def _add_habits(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--modality", action="append", choices=sorted(KINDS), help="take only these; repeatable.")
        add("--accession", default="", help="do the steps of this accession number, of any day, then end.")
        add("--once", action="store_true", help="look at each worklist once, then end.")
        add("--any-day", action="store_true", help="take steps of every day, not only today's.")
        add("--arrived-only", action="store_true", help="wait until the patient is checked in.")
        add("--interval", default=5.0, type=_seconds, help="seconds between two looks (%(default)s).")
        add("--delay", default=0.0, type=_seconds, help="seconds between start and completion (%(default)s).")
        add("--slices", type=_count, help="images of a series instead of the usual number.")
        add(
            "--time-zone",
            type=_zone,
            help="of the devices' clocks (default: the demo device's own, else TIME_ZONE).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Its errors repeat what our own lines say, at every attempt.
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
        shift = Shift(_scanners(options), interval=options["interval"])
        try:
            with _ended_by_signals(shift):
                self._work(shift, options["accession"], once=options["once"])
        except ModalityError as fault:
            raise CommandError(str(fault)) from fault

    def _work(self, shift: Shift, accession: str, *, once: bool) -> None:
        if not accession and not once:
            shift.run()
            return
        for performed in shift.perform(accession) if accession else shift.once():
            self.stdout.write(f"{performed.item}: completed, {performed.instances} images stored")


@contextmanager
def _ended_by_signals(shift: Shift) -> Iterator[None]:
    """SIGTERM and SIGINT end the shift at once."""
    former = {number: signal.signal(number, lambda *_: shift.stop()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _scanners(options: dict[str, Any]) -> list[Scanner]:
    habits = Habits(
        modalities=frozenset(options["modality"] or ()),
        any_day=options["any_day"],
        arrived_only=options["arrived_only"],
        images=options["slices"],
        delay_seconds=options["delay"],
    )
    worklist = Peer.parse(options["mwl"], options["mwl_aet"])
    archive = Peer.parse(options["archive"], options["archive_aet"])
    zones = {station.ae_title: ZoneInfo(station.time_zone) for station in STATIONS}
    return [
        Scanner(Device(title, worklist, archive), replace(habits, zone=_clock_of(title, options, zones)))
        for title in options["aet"] or zones
    ]


def _clock_of(title: str, options: dict[str, Any], zones: Mapping[str, ZoneInfo]) -> ZoneInfo:
    """A device's clock shows the time of its site, as its worklist does; nothing in DICOM tells it which."""
    return options["time_zone"] or zones.get(title) or ZoneInfo(settings.TIME_ZONE)
