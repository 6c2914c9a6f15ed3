"""Send images to the archive: C-STORE over one association (PS3.4 Annex B)."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from pydicom import Dataset
from pydicom.uid import UID
from pynetdicom.association import Association

from ris.demo.modality.errors import RefusedError, UnreachableError
from ris.demo.modality.wire import Peer, Wire, lost

VERIFICATION = UID("1.2.840.10008.1.1")
# PS3.4 Table B.2-1: stored, with or without a warning.
STORED = frozenset({0x0000, 0xB000, 0xB006, 0xB007})


def check_archive(wire: Wire, peer: Peer, sop_class: str) -> None:
    """Ask before a patient is scanned whether the archive is there and takes such images.

    A step that was started can only be completed or discontinued; one that was not stays on the list. So every
    fault is an UnreachableError here: the archive may be right later.
    """
    try:
        with wire.open(peer, [sop_class, VERIFICATION]) as association:
            status = association.send_c_echo()
    except RefusedError as refusal:
        raise UnreachableError(str(refusal)) from refusal
    if status.get("Status") != 0x0000:
        raise UnreachableError(f"{peer} does not answer C-ECHO.")


def store(wire: Wire, peer: Peer, sop_class: str, images: Iterable[Dataset]) -> Generator[Dataset, None, None]:
    """Send each image and yield it once the archive has confirmed it.

    Raises UnreachableError when the association ends, RefusedError with the status of the first failure.
    """
    with wire.open(peer, [sop_class]) as association:
        for image in images:
            _send(association, peer, image)
            yield image


def _send(association: Association, peer: Peer, image: Dataset) -> None:
    if not association.is_established:
        raise lost(peer)
    status = association.send_c_store(image)
    if "Status" not in status:
        raise lost(peer)
    if status.Status not in STORED:
        raise RefusedError(f"{peer} does not store the image: status {status.Status:04X}H.")
