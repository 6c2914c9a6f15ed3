"""Trying again what the archive did not take."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import TransitionError
from ris.events.hooks import delivery_resent
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from worklist.models import ReadingTask
from worklist.permissions import require_read


@transaction.atomic
def store_again(delivery: Delivery, *, task: ReadingTask, by: Actor) -> Delivery:
    """Store an object of a case that is kept here now, not when its turn comes. Raises NotPermitted, TransitionError.

    Safe to repeat: the delivery stores it once.
    """
    require_read(by, task)
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=delivery.pk)
    if DELIVERY.within(delivery, "stuck"):
        DELIVERY.advance(delivery, "resend", next_at=timezone.now(), attempts=0)
        delivery_resent(delivery)
    elif DELIVERY.within(delivery, "open"):
        delivery.next_at = timezone.now()
        delivery.save(update_fields=["next_at"])
    else:
        raise TransitionError("The archive has it already.")
    audit.record("object.tried-again", delivery, by=by, patient=task.patient_id,
                 study_uid=delivery.event.payload["study_uid"])  # fmt: skip
    return delivery
