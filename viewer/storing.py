"""The rules on objects that want to enter a study, asked of the bytes, of the RIS and of the archive."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from ris.dicom import sandbox
from ris.dicom.archive import get_archive, verified
from ris.dicom.archive.errors import NotInArchive
from viewer.patching import applied
from viewer.stow_rules import DUPLICATE, SEGMENTATIONS, UNREADABLE, Described, Fault, faults

# Made of images, not by the device: they carry what somebody copied.
DERIVED = frozenset({"SR", "SEG", "KO", "PR", "DOC", "RTSTRUCT"})


ELSE = Fault(409, "The archive holds something else under this object's UID.", DUPLICATE)
# Until it is described nobody knows whose it is, and so it cannot be kept: its sender waits for a reader instead.
PATIENCE = 30.0  # seconds
# Our reader says the same of these bytes each time; of any other failure it may not.
HOPELESS = frozenset({"refused", "failed", "too-large"})


class RefusedError(Exception):
    """Objects that must not reach the archive."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def _unread(error: sandbox.SandboxRefused) -> RefusedError:
    """What our reader does not read; of want of time it is not the object's fault."""
    return RefusedError(Fault(503, error.reason) if error.code == "busy" else Fault(409, error.reason, UNREADABLE))


def described(part10: bytes) -> Described:
    """What the bytes say of themselves, read in the sandbox; RefusedError when they are not readable."""
    try:
        found: dict[str, Any] = sandbox.call("viewer.stow_rules.describe", part10, patience=PATIENCE)
    except sandbox.SandboxRefused as error:
        raise _unread(error) from error
    found["points_at"] = tuple(found["points_at"])
    return Described(**found)


def check(objects: list[Described], *, study_uid: str, patient_id: str) -> None:
    """RefusedError when a rule that needs no archive is broken."""
    fault = faults(objects, study_uid=study_uid, patient_id=patient_id)
    if fault is not None:
        raise RefusedError(fault)


def check_at_archive(objects: list[Described], *, study_uid: str) -> frozenset[str]:
    """The rules with the study as the archive has it at this moment; ArchiveError when it cannot be asked.

    Returns the SOP Instance UIDs of those that the archive has already.
    Another patient ID would split the study there and hide it; a SOP Instance UID in use would hide its owner.
    """
    archive = get_archive()
    study = archive.study(study_uid)
    if study is None:
        raise RefusedError(Fault(404, "The archive has no such study."))
    check(objects, study_uid=study_uid, patient_id=study.patient_id)
    found = {one.sop_instance_uid: archive.locate(one.sop_instance_uid) for one in objects}
    if any(where is not None and where.study_instance_uid != study_uid for where in found.values()):
        raise RefusedError(Fault(409, "The SOP Instance UID belongs to another object.", DUPLICATE))
    return frozenset(uid for uid, where in found.items() if where is not None)


def check_same(part10: bytes) -> None:
    """RefusedError when the archive holds something else under the UID of this object; ArchiveError.

    What is not there any more, and what our reader cannot compare now, is left to the store itself.
    """
    try:
        ours = verified.describe(part10)
        where = get_archive().locate(ours.ref.sop_instance_uid)
        same = where is None or (where == ours.ref and verified.describe(get_archive().retrieve(where)) == ours)
    except (NotInArchive, sandbox.SandboxRefused):
        return
    if not same:
        raise RefusedError(ELSE)


def identity(study_uid: str) -> dict[str, Any]:
    """DICOM JSON of one image of the study, which says what the archive calls patient and exam now; {} without one.

    Raises ArchiveError.
    """
    archive = get_archive()
    images = [row for row in archive.series(study_uid) if row.modality not in DERIVED]
    rows = archive.instances(study_uid, images[0].series_instance_uid) if images else []
    return archive.instance_metadata(rows[0].ref) if rows else {}


def dressed(part10: bytes, one: Described, *, archived: dict[str, Any], observer: str, is_person: bool) -> bytes:
    """The object as it may enter the study (viewer.dressing); of a segmentation only what stands at its top."""
    is_large = one.sop_class_uid in SEGMENTATIONS
    work = "viewer.patching.edits" if is_large else "viewer.dressing.dress"
    try:
        found = sandbox.call(work, part10, json.dumps(archived), observer, is_person)
    except sandbox.SandboxRefused as error:
        raise _unread(error) from error
    return applied(part10, found["edits"]) if is_large else b64decode(found["part10"])
