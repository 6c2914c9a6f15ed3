"""What holds for one device: how its worklist is written and which of its steps it is shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

RESULT_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class Rules:
    """The values of a device's profile; as it stands, what holds for a device without one.

    `max_lengths`: characters a component group, by keyword. `days_back` and `days_ahead`: days beside today, None is no
    limit.
    """

    charset: str = "ISO_IR 192"
    transliterate: bool = True
    max_lengths: Mapping[str, int] = field(default_factory=dict)
    required_keys: tuple[str, ...] = ()
    arrived_only: bool = False
    days_back: int | None = None
    days_ahead: int | None = None
    sends_mpps: bool = True
    result_limit: int = RESULT_LIMIT
