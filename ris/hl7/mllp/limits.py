"""How much a sender may ask of us. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ris.hl7.er7.limits import MESSAGE_BYTES


@dataclass(frozen=True, slots=True)
class Limits:
    """`idle` and `unfinished` in seconds: between blocks, and within one or while an answer is not taken."""

    connections: int = 200
    message_bytes: int = MESSAGE_BYTES
    idle: float = 600.0
    unfinished: float = 60.0
    threads: int = 8
