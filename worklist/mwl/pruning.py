"""Old rows of the log of changes: whoever keeps a schedule looked since, or reads everything anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from worklist.models import WorklistChange

KEPT_FOR: Final = timedelta(days=1)


def prune_changes() -> int:
    """How many rows went; a timer of run_deliveries."""
    gone, _ = WorklistChange.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return gone
