"""Objects of a case that the archive has not taken yet, one by one."""

from __future__ import annotations

from ris.core.errors import NotFound
from ris.events.models import Delivery
from viewer.beside.listing import deliveries_of
from worklist.models import ReadingTask


def waiting_of(task: ReadingTask, delivery_id: int) -> Delivery:
    """The delivery of an object of the case; NotFound when none of this number waits."""
    found = next((one for one in deliveries_of(task) if one.pk == delivery_id), None)
    if found is None:
        raise NotFound("The archive has it already.")
    return found
