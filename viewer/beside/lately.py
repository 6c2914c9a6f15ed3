"""What was stored through our own door, known at once; the archive tells of it later."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.cache import cache
from django.db import transaction

REMEMBERED_SECONDS = 3600


def note_stored(study_uid: str, sop_uids: Sequence[str]) -> None:
    """Once this transaction is committed, what is remembered of the study's objects is old."""
    transaction.on_commit(lambda: cache.set(_key(study_uid), sop_uids[-1], REMEMBERED_SECONDS))


def stored_lately(study_uids: Sequence[str]) -> list[str]:
    """Of each study the object that was stored last in this hour, or ""."""
    found = cache.get_many([_key(one) for one in study_uids])
    return [found.get(_key(one), "") for one in study_uids]


def _key(study_uid: str) -> str:
    return f"viewer.beside.stored.{study_uid}"
