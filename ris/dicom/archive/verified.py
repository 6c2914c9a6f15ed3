"""Storing that is only done when it is proven: ask, send, read back, compare (DESIGN.md §5.2, §5.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ris.dicom import sandbox
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.archive.protocol import Archive
from ris.dicom.datasets import InstanceRef


@dataclass(frozen=True, slots=True)
class Described:
    """Which object some Part 10 bytes hold, and the SHA-256 (hex) of its content."""

    ref: InstanceRef
    digest: str


def describe(part10: bytes) -> Described:
    """Identity and content hash of a Part 10 file, read in the sandbox; SandboxRefused when it is not readable.

    The content of an Encapsulated PDF is the PDF: (0042,0011) cut to (0042,0015). The content of anything else is its
    dataset without group 2 in Explicit VR Little Endian, so that a re-encoding archive still compares equal.
    """
    found = sandbox.call("ris.dicom.sandbox.content.describe", part10)
    ref = InstanceRef(found["study_instance_uid"], found["series_instance_uid"], found["sop_instance_uid"])
    return Described(ref, found["digest"])


def store_verified(archive: Archive, part10: bytes, *, hash_fn: Callable[[bytes], Described] = describe) -> InstanceRef:
    """Make sure that the archive holds this object; returns where. Safe to repeat: it stores at most once.

    Raises ArchiveError: transient when the outcome is unknown or nothing was stored, permanent when the archive
    holds something else under the same UID.
    """
    ours = hash_fn(part10)
    where = archive.locate(ours.ref.sop_instance_uid)
    if where is None:
        _send(archive, part10, ours.ref.sop_instance_uid)
    elif where != ours.ref:
        raise ArchiveError("The archive has this object in another study or series.", permanent=True)
    theirs = hash_fn(archive.retrieve(ours.ref))
    if theirs != ours:
        raise ArchiveError("The archive holds something else under this object's UID.", permanent=True)
    return ours.ref


def _send(archive: Archive, part10: bytes, sop_uid: str) -> None:
    result = archive.store([part10])
    if sop_uid not in result.stored:
        reason = result.failed.get(sop_uid, "the archive did not acknowledge it")
        raise ArchiveError(f"The object was not stored: {reason}.", permanent=False)
