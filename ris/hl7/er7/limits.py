"""How much of a message is read before it is refused. A PDF of some megabytes in one OBX is usual."""

from __future__ import annotations

MESSAGE_BYTES = 16 * 1024 * 1024
SEGMENTS = 10_000
FIELDS = 512
REPETITIONS = 2_000
