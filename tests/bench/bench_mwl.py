"""A scanner's worklist query, ten matches of many entries, beside dcmtk's wlmscpfs with the same entries."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.sop_class import ModalityWorklistInformationFind

from tests.bench.figures import Figure, Record, median_ms
from tests.conformance.scanner import Scanner
from tests.conformance.scp_process import scp_process
from tests.services.server import free_port, running
from tests.worklist.mwl.samples import identifier
from tests.world import World

PER_DAY = 10
MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001  the site's zone is put in where it is used
RETURNED = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyInstanceUID",
    "RequestedProcedureID", "RequestedProcedureDescription", "ReferringPhysicianName", "SpecificCharacterSet",
)  # fmt: skip
STEP_KEYS = ("ScheduledProcedureStepID", "ScheduledProcedureStepStartTime", "ScheduledProcedureStepDescription")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("entries", [100, 1000])
def bench_ten_matches_on_an_open_association(live_world: World, tmp_path: Path, record: Record, entries: int) -> None:
    book(live_world, entries)
    query = day_query(MONDAY)
    with scp_process(tmp_path) as (_process, port, _log):
        ours = Scanner("CT1", "ISOCENTER", port)
        everything = [found for day in working_days(entries) for found in ours.find(day_query(day))[0]]
        value = query_ms(ours, query)
    assert len(everything) == entries
    with wlmscpfs(tmp_path, everything) as port:
        peer_value = query_ms(Scanner("CT1", "PEER", port), query)
    record.add(Figure("mwl", f"entries={entries}", "query_ms", value, "ms", "wlmscpfs", peer_value))


def book(world: World, entries: int) -> None:
    """`entries` bookings of CT 1, ten on each weekday."""
    patient, zone = world.patient(), world.north.zone
    for day in working_days(entries):
        for place in range(PER_DAY):
            start = (day + timedelta(minutes=30 * place)).replace(tzinfo=zone)
            world.booking(world.order(patient), start=start)


def working_days(entries: int) -> list[datetime]:
    """Eight o'clock of as many weekdays as `entries` fill."""
    return [MONDAY + timedelta(days=number // 5 * 7 + number % 5) for number in range(entries // PER_DAY)]


def day_query(day: datetime) -> Dataset:
    step = {"ScheduledStationAETitle": "CT1", "ScheduledProcedureStepStartDate": f"{day:%Y%m%d}", "Modality": "CT"}
    return identifier(step | dict.fromkeys(STEP_KEYS, ""), **dict.fromkeys(RETURNED, ""))


def query_ms(scanner: Scanner, query: Dataset) -> float:
    """The median of a C-FIND that has ten answers."""
    with scanner.association() as association:

        def ask() -> None:
            answers = [found for _, found in association.send_c_find(query, ModalityWorklistInformationFind) if found]
            assert len(answers) == PER_DAY

        return median_ms(ask)


@contextmanager
def wlmscpfs(folder: Path, entries: list[Dataset]) -> Iterator[int]:
    """dcmtk's worklist server over one file per entry; yields its port."""
    program = shutil.which("wlmscpfs")
    assert program is not None, "dcmtk is missing"
    place, port, log = folder / "PEER", free_port(), folder / "wlmscpfs.log"
    place.mkdir()
    (place / "lockfile").touch()
    for number, entry in enumerate(entries):
        write(entry, place / f"{number:05}.wl")
    command = [program, "-dfp", str(folder), "-dfr", "-csk", str(port)]
    with running(command, log=log, ready=lambda: accepts(port)):
        yield port


def write(entry: Dataset, file: Path) -> None:
    entry.file_meta = FileMetaDataset()
    entry.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    entry.file_meta.MediaStorageSOPClassUID = ModalityWorklistInformationFind
    entry.file_meta.MediaStorageSOPInstanceUID = entry.StudyInstanceUID
    entry.save_as(file, enforce_file_format=True)


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
