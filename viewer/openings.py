"""Who opened which study a moment ago, so that an opening is one row of the audit trail and not one for each frame.

It counts once its row is committed, and not before: where the row cannot be written, the next frame is news again. Each
web process counts for itself, so with several of them an opening may have as many rows as there are processes; none
has fewer than one.
"""

from __future__ import annotations

import threading
import time
from functools import partial

from django.db import transaction

ONE_OPENING_SECONDS = 600.0
HELD_MAX = 20_000


class Openings:
    """Those of one process. Threads may share it; `writing` is held by who writes rows for what is news."""

    def __init__(self) -> None:
        self.writing = threading.Lock()
        self._lock = threading.Lock()
        self._until: dict[tuple[str, str], float] = {}

    def is_news(self, session: str, study_uid: str) -> bool:
        return self._until.get((session, study_uid), 0.0) <= time.monotonic()

    def note_at_commit(self, session: str, study_uid: str) -> None:
        """Within the transaction that writes its row."""
        transaction.on_commit(partial(self._note, session, study_uid))

    def _note(self, session: str, study_uid: str) -> None:
        with self._lock:
            if len(self._until) > HELD_MAX:
                self._until.clear()
            self._until[session, study_uid] = time.monotonic() + ONE_OPENING_SECONDS
