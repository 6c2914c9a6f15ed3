"""Where the learning stands: a place that outlives the process, and what is done with each study."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import transaction
from django.utils import timezone

from ris.core.actors import SystemActor
from ris.dicom.archive import Archive
from ris.dicom.datasets import StudyRow
from worklist.models import ChangeCursor

Take = Callable[[Archive, StudyRow], None]
MATCHER: Final = SystemActor("matcher")


def place_of(name: str) -> ChangeCursor:
    return ChangeCursor.objects.get_or_create(name=name)[0]


@transaction.atomic
def keep(cursor: ChangeCursor, position: int) -> None:
    """Everything up to `position` is taken."""
    cursor.position, cursor.polled_at = position, timezone.now()
    cursor.save(update_fields=["position", "polled_at"])
