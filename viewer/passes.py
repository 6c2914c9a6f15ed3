"""Who was let in to which study a moment ago, so that the next frame of it is not asked about again.

Only the full door (viewer/proxy.py) writes one, after it has looked at everything; it is worth HELD_SECONDS, and
nothing when the session ends meanwhile.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass

from viewer.grants import Grant

HELD_SECONDS = 1.5
PASSES_MAX = 20_000
SESSION, PROGRAM = "session ", "program "


@dataclass(frozen=True, slots=True)
class Pass:
    """`until` is of the monotonic clock."""

    user_id: int
    grant: Grant
    until: float
    is_program: bool = False


_lock = threading.Lock()
_passes: dict[tuple[str, str], Pass] = {}


def key_of_session(session_key: str) -> str:
    return SESSION + session_key


def key_of_program(authorization: str) -> str:
    """Of the header as it was sent; its secret is not held."""
    return PROGRAM + hashlib.sha256(authorization.encode("latin-1", "replace")).hexdigest()


def issue(key: str, user_id: int, grant: Grant) -> None:
    with _lock:
        if len(_passes) > PASSES_MAX:
            _passes.clear()
        until = time.monotonic() + HELD_SECONDS
        _passes[key, grant.study_uid] = Pass(user_id, grant, until, key.startswith(PROGRAM))


def find(key: str, study_uid: str) -> Pass | None:
    """A pass that still holds."""
    found = _passes.get((key, study_uid))
    return found if found is not None and found.until > time.monotonic() else None


def revoke(session_key: str) -> None:
    """The session ended."""
    key = key_of_session(session_key)
    with _lock:
        for one in [one for one in _passes if one[0] == key]:
            del _passes[one]


def revoke_person(user_id: int) -> None:
    """The person was deactivated; where another process did it, a pass ends by itself within HELD_SECONDS."""
    with _lock:
        for one in [one for one, held in _passes.items() if held.user_id == user_id]:
            del _passes[one]
