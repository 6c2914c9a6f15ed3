"""Send MPPS messages to the RIS, and keep the last word of a step until the RIS has heard it (PS3.4 F.7)."""

from __future__ import annotations

import logging

from pydicom import Dataset

from ris.demo.modality.acquisition import MODALITY_PERFORMED_PROCEDURE_STEP
from ris.demo.modality.errors import RefusedError
from ris.demo.modality.wire import Peer, Wire, lost

log = logging.getLogger(__name__)

# PS3.7 Annex C and PS3.4 F.7.2.1.2: the operation was done, with a remark.
DONE = frozenset({0x0000, 0x0001, 0x0107, 0x0116, 0xB305})


class Reporter:
    """The MPPS user of one device.

    A device that cannot reach the RIS when it ends a step must not leave the step in progress for ever: the N-SET
    is owed, and `settle` sends it as soon as the RIS is back.
    """

    def __init__(self, wire: Wire, peer: Peer) -> None:
        self._wire, self._peer = wire, peer
        self._owed: list[tuple[str, Dataset]] = []

    def start(self, uid: str, attributes: Dataset) -> None:
        """N-CREATE. Raises UnreachableError (LostError: the RIS may have heard), or RefusedError with the status."""
        with self._wire.open(self._peer, [MODALITY_PERFORMED_PROCEDURE_STEP]) as association:
            status, _ = association.send_n_create(attributes, MODALITY_PERFORMED_PROCEDURE_STEP, uid)
        self._check(status, "N-CREATE")

    def end(self, uid: str, attributes: Dataset) -> None:
        """N-SET to a final state. When the RIS cannot be reached it is owed, and UnreachableError raised."""
        self._owed.append((uid, attributes))
        self.settle()

    def settle(self) -> None:
        """Send what is owed, oldest first; a refusal is logged and not repeated."""
        while self._owed:
            try:
                self._set(*self._owed[0])
            except RefusedError as refusal:
                log.warning("%s", refusal)
            self._owed.pop(0)

    def _set(self, uid: str, attributes: Dataset) -> None:
        with self._wire.open(self._peer, [MODALITY_PERFORMED_PROCEDURE_STEP]) as association:
            status, _ = association.send_n_set(attributes, MODALITY_PERFORMED_PROCEDURE_STEP, uid)
        self._check(status, "N-SET")

    def _check(self, status: Dataset, operation: str) -> None:
        if "Status" not in status:
            raise lost(self._peer)
        if status.Status not in DONE:
            raise RefusedError(f"{self._peer} refuses {operation} with status {status.Status:04X}H.")
