"""Discs as patients bring them: images, a DICOMDIR made by dcmtk's dcmmkdir, and what else lies about on a disc."""

from __future__ import annotations

import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from pydicom import Dataset

from ris.accounts.models import User
from ris.events.models import Event
from tests.ris.dicom.objects import PDF, ct, file_of, new_uid
from worklist.outside import looking, storing
from worklist.outside.actions import Part, begin_import, close_import, take_part
from worklist.outside.rows import OutsideImport

PERSON = {
    "PatientName": "Møller^Åse",
    "PatientID": "ELSEWHERE-9",
    "PatientBirthDate": "19610517",
    "PatientSex": "F",
    "AccessionNumber": "THEIRS1",
    "InstitutionName": "St. Elsewhere",
    "BodyPartExamined": "CHEST",
    "StudyDescription": "CT Thorax",
    "StudyID": "1",
}


def images(count: int = 2, **changes: Any) -> list[Dataset]:
    """CT images of one series of a study made elsewhere."""
    person = {**PERSON, "StudyInstanceUID": new_uid(), "SeriesInstanceUID": new_uid(), **changes}
    return [ct(**person, InstanceNumber=number) for number in range(1, count + 1)]


def disc(place: Path, *datasets: Dataset) -> Path:
    """A folder as it lies on a disc: IMAGES/IM1 …, DICOMDIR by dcmtk, a viewer program, a read-me and an old report."""
    folder = place / "disc"
    (folder / "IMAGES").mkdir(parents=True)
    for number, one in enumerate(datasets, start=1):
        (folder / "IMAGES" / f"IM{number}").write_bytes(file_of(one))
    command = ["dcmmkdir", "--recurse", "--output-file", "DICOMDIR", "+id", ".", "--invent", "IMAGES"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert (folder / "DICOMDIR").exists(), done.stderr
    (folder / "VIEWER.EXE").write_bytes(b"MZ nothing that is run here")
    (folder / "README.TXT").write_text("Open VIEWER.EXE", encoding="utf-8")
    (folder / "REPORT.PDF").write_bytes(PDF)
    return folder


def zipped(folder: Path) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, str(path.relative_to(folder)))
    return out.getvalue()


def brought(by: User, site: Any, files: dict[str, bytes], *, piece: int = 1_000_000) -> OutsideImport:
    """Files sent in pieces, closed and looked at."""
    row = begin_import(site, source="St. Elsewhere", by=by)
    for name, body in files.items():
        for offset in range(0, max(len(body), 1), piece):
            take_part(row, Part(name=name, offset=offset, body=BytesIO(body[offset : offset + piece])), by=by)
    close_import(row, by=by)
    looking.look(Event.objects.filter(kind="outside.closed", target_id=row.pk).latest("pk"))
    row.refresh_from_db()
    return row


def folder_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stored(row: OutsideImport) -> OutsideImport:
    """Its deliveries carried out, until there is none."""
    done = 0
    while True:
        events = list(Event.objects.filter(kind="outside.given", target_id=row.pk).order_by("pk"))
        if done >= len(events):
            row.refresh_from_db()
            return row
        storing.store(events[done])
        done += 1
