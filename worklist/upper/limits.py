"""How much a peer may send, and how long it may take. Bytes and seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# What we tell the peer in (PS3.8 D.1) Maximum Length; a longer P-DATA-TF ends the association.
PDU_BYTES: Final = 65_536
# 128 contexts with a dozen transfer syntaxes each fit four times.
REQUEST_BYTES: Final = 131_072
CONTEXTS: Final = 128
ITEMS: Final = 1_024

COMMAND_BYTES: Final = 16_384
IDENTIFIER_BYTES: Final = 1_048_576
DATASET_BYTES: Final = 8_388_608
# Requests that wait while one is answered, on one association (we negotiate one operation at a time).
WAITING_REQUESTS: Final = 8

# A peer that takes shorter PDUs than this is refused: each would carry ten bytes.
SHORTEST_PDU: Final = 16
# What we send in one PDU, however much the peer would take.
LONGEST_SENT: Final = 131_072


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one server. Time-outs are looked at every `sweep` seconds, so that they end at most so much late."""

    associations: int = 1_000
    connections: int = 1_200
    artim: float = 10.0
    """Until the A-ASSOCIATE-RQ is complete, and from the last PDU until the peer closes (PS3.8 9.1.5)."""
    message: float = 30.0
    """From the first byte of a PDU or message to its last, and until a peer reads what it asked for."""
    unsent: int = 8_388_608
    """What waits for a peer that asks on and on and reads nothing; more ends the connection."""
    idle: float = 600.0
    """An association on which nothing is asked."""
    sweep: float = 0.5
    grace: float = 1.0
    """How long a stop waits for aborted peers and for what is being answered."""
