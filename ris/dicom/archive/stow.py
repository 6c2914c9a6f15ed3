"""Reading what a STOW did (PS3.18 §10.5.3): only a UID in ReferencedSOPSequence was stored.

Orthanc answers 200 with both sequences empty when its disk is full, so the HTTP status says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from ris.dicom.archive.protocol import StoreResult
from ris.dicom.datasets import Json, items, number, text

REFERENCED_SOP_SEQUENCE = "00081199"
FAILED_SOP_SEQUENCE = "00081198"
REFERENCED_SOP_INSTANCE_UID = "00081155"
FAILURE_REASON = "00081197"

# PS3.3 §C.14.1.1, PS3.4 §B.2.3
REASONS = {
    0x0110: "the archive could not process it",
    0x0111: "the archive already has it",
    0x0117: "the archive calls its UID invalid",
    0x0122: "the archive does not take this kind of object",
    0x0124: "the archive does not allow it",
    0xA700: "the archive is out of resources",
    0xA900: "it does not fit the study it names",
    0xC000: "the archive cannot understand it",
    0xC122: "the archive does not take its transfer syntax",
}
NOT_ACKNOWLEDGED = "the archive did not acknowledge it"


def read_response(module: Json, sent: Iterable[str]) -> StoreResult:
    """Judge each SOP Instance UID that was sent by the response module (DICOM JSON)."""
    wanted = frozenset(sent)
    named = {text(item, REFERENCED_SOP_INSTANCE_UID) for item in items(module, REFERENCED_SOP_SEQUENCE)}
    reasons = {
        text(item, REFERENCED_SOP_INSTANCE_UID): _reason(number(item, FAILURE_REASON))
        for item in items(module, FAILED_SOP_SEQUENCE)
    }
    stored = (wanted & named) - reasons.keys()
    return StoreResult(stored, {uid: reasons.get(uid, NOT_ACKNOWLEDGED) for uid in wanted - stored})


def _reason(code: int | None) -> str:
    if code is None:
        return NOT_ACKNOWLEDGED
    return REASONS.get(code, f"the archive refused it (reason {code:04X})")
