"""A scanner's worklist query, ten matches of many entries, beside Orthanc's own plugin and dcmtk's wlmscpfs.

One client for all, on raw sockets, on an open association; the peers have the same entries as files that we export.
"""

from __future__ import annotations

import socket
from datetime import datetime
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pynetdicom.dsutils import encode

from ris.scheduling.models import ScheduledProcedureStep
from tests.bench.figures import Figure, Record, median_ms
from tests.bench.schedule import PER_DAY, fill
from tests.conformance.scp_process import scp_process
from tests.services.worklists import orthanc_worklists, wlmscpfs
from tests.worklist.mwl.samples import identifier
from tests.worklist.upper.lean import Asking, Lean, find
from tests.world import World
from worklist.elsewhere.exporting import Exporter

MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001  the site's zone is put in where it is used
PENDING = {0xFF00, 0xFF01}
RETURNED = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyInstanceUID",
    "RequestedProcedureID", "RequestedProcedureDescription", "ReferringPhysicianName", "SpecificCharacterSet",
)  # fmt: skip
STEP_KEYS = ("ScheduledProcedureStepID", "ScheduledProcedureStepStartTime", "ScheduledProcedureStepDescription")


class Prompt(Lean):
    """Acknowledges at once: dcmtk's servers otherwise wait 40 ms for the delayed acknowledgement of each answer."""

    def _exactly(self, size: int) -> bytes:
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return super()._exactly(size)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("entries", [100, 1000, 10_000])
def bench_ten_matches_on_an_open_association(live_world: World, tmp_path: Path, record: Record, entries: int) -> None:
    fill(live_world, entries, MONDAY)
    case, asked = f"entries={entries}", query(MONDAY)
    with scp_process(tmp_path) as (_process, port, _log):
        ours = query_ms(port, "ISOCENTER", asked)
        changed = after_a_change_ms(port, asked)
    root = tmp_path / "worklists"
    assert Exporter(root, None, "ISO_IR 192").round().written == entries
    folder = root / live_world.north.code.upper()
    with wlmscpfs(root, tmp_path / "wlmscpfs.log") as port:
        dcmtk = query_ms(port, folder.name, asked)
    with orthanc_worklists(folder, tmp_path / "orthanc") as port:
        orthanc = query_ms(port, "ORTHANC", asked)
    record.add(Figure("mwl", case, "query_ms", ours, "ms", "orthanc-worklists", orthanc))
    record.add(Figure("mwl", case, "query_ms", ours, "ms", "wlmscpfs", dcmtk))
    record.add(Figure("mwl", case, "query_after_a_change_ms", changed, "ms"))


def query(day: datetime) -> bytes:
    step = {"ScheduledStationAETitle": "CT1", "ScheduledProcedureStepStartDate": f"{day:%Y%m%d}", "Modality": "CT"}
    wanted: Dataset = identifier(step | dict.fromkeys(STEP_KEYS, ""), **dict.fromkeys(RETURNED, ""))
    encoded = encode(wanted, is_implicit_vr=True, is_little_endian=True)
    assert encoded is not None
    return encoded


def query_ms(port: int, called: str, asked: bytes) -> float:
    """The median of a C-FIND that has ten answers."""
    with Prompt(port, timeout=120) as device:
        assert device.associate(Asking(calling="CT1", called=called))[0] == 2
        return median_ms(lambda: ask(device, asked))


def after_a_change_ms(port: int, asked: bytes) -> float:
    """The same where another process changed one of the ten since the last query: what was kept of it is made anew."""
    step = ScheduledProcedureStep.objects.order_by("start", "pk").first()
    assert step is not None
    with Prompt(port, timeout=120) as device:
        assert device.associate(Asking(calling="CT1", called="ISOCENTER"))[0] == 2
        alone = median_ms(lambda: change(step))
        both = median_ms(lambda: change_and_ask(step, device, asked))
    return round(both - alone, 2)


def change_and_ask(step: ScheduledProcedureStep, device: Lean, asked: bytes) -> None:
    change(step)
    ask(device, asked)


def change(step: ScheduledProcedureStep) -> None:
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(location="Room 3")


def ask(device: Lean, asked: bytes) -> None:
    device.send(find(asked))
    statuses = device.statuses()
    assert len([status for status in statuses if status in PENDING]) == PER_DAY
    assert statuses[-1] == 0
