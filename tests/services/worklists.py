"""Worklist servers that are not ours, over folders of `.wl` files: dcmtk's wlmscpfs and Orthanc's own plugin."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.sop_class import ModalityWorklistInformationFind

from ris.dicom.orthanc.config import PLUGINS_DIR, build
from ris.dicom.orthanc.process import BINARY
from tests.services.orthanc import options
from tests.services.server import accepts, free_port, running

PLUGIN = PLUGINS_DIR / "libModalityWorklists.so"


@contextmanager
def wlmscpfs(root: Path, log: Path) -> Iterator[int]:
    """Serves each folder below `root` under the AE title that is its name; yields the port."""
    program = shutil.which("wlmscpfs")
    assert program is not None, "dcmtk is missing"
    port = free_port()
    command = [program, "-dfp", str(root), "-dfr", "-csk", str(port)]
    with running(command, log=log, ready=lambda: accepts(port)):
        yield port


@contextmanager
def orthanc_worklists(folder: Path, scratch: Path) -> Iterator[int]:
    """Serves one folder under the AE title ORTHANC; yields the DICOM port."""
    assert PLUGIN.exists(), "Orthanc's worklist plugin is missing"
    chosen = options(scratch)
    changes = {
        "Plugins": [str(PLUGIN)],
        "Worklists": {"Enable": True, "Database": str(folder)},
        "DicomAlwaysAllowFindWorklist": True,
    }
    scratch.mkdir(parents=True, exist_ok=True)
    file = scratch / "orthanc.json"
    file.write_text(json.dumps(build(chosen) | changes))
    with running([str(BINARY), str(file)], log=scratch / "orthanc.log", ready=lambda: accepts(chosen.dicom_port)):
        yield chosen.dicom_port


@contextmanager
def wlmscpfs_with(scratch: Path, entries: list[Dataset]) -> Iterator[int]:
    """Serves these datasets under the AE title PEER."""
    place = scratch / "PEER"
    place.mkdir()
    (place / "lockfile").touch()
    for number, entry in enumerate(entries):
        entry.file_meta = FileMetaDataset()
        entry.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        entry.file_meta.MediaStorageSOPClassUID = ModalityWorklistInformationFind
        entry.file_meta.MediaStorageSOPInstanceUID = entry.StudyInstanceUID
        entry.save_as(place / f"{number:05}.wl", enforce_file_format=True)
    with wlmscpfs(scratch, scratch / "wlmscpfs.log") as port:
        yield port
