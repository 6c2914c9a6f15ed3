"""Old rows of two logs: of changes (who keeps a schedule looked since, or reads all anew), and of devices' contacts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from ris.dicom.models import DeviceContact
from worklist.models import WorklistChange

KEPT_FOR: Final = timedelta(days=1)
CONTACTS_KEPT_FOR: Final = timedelta(days=30)
AT_ONCE: Final = 5_000


def prune() -> None:
    """A timer of run_deliveries."""
    prune_changes()
    prune_contacts()


def prune_changes() -> int:
    """How many rows went."""
    gone, _ = WorklistChange.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return gone


def prune_contacts() -> int:
    """How many rows of the device log went, a few thousand a round so that nobody waits; the audit trail keeps all."""
    old = DeviceContact.objects.filter(at__lt=timezone.now() - CONTACTS_KEPT_FOR).order_by("at")
    gone, _ = DeviceContact.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:AT_ONCE])).delete()
    return gone
