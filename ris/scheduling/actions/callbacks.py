"""The call-back list: patients whose appointment was given to somebody else."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError
from ris.orders.models import RequestedProcedure
from ris.scheduling import permissions
from ris.scheduling.models import CallBack


@transaction.atomic
def close_call_back(call_back: CallBack, *, by: Actor) -> CallBack:
    """The patient was reached, without a new time yet. Raises ConcurrentUpdateError when another clerk did it."""
    permissions.require_book(by, call_back.site_id)
    open_rows = CallBack.objects.filter(pk=call_back.pk, done_at__isnull=True)
    if open_rows.update(done_at=timezone.now(), done_by_name=by.display[:160]) != 1:
        raise ConcurrentUpdateError("Somebody has called this patient already. Reload and look again.")
    call_back.refresh_from_db()
    audit.record(
        "call-back.done", call_back, by=by, patient=call_back.appointment.patient_id, site_id=call_back.site_id
    )
    return call_back


def answer_call_backs(procedures: Sequence[RequestedProcedure]) -> None:
    """A new time ends the waiting of everybody displaced with these procedures. Inside the caller's transaction."""
    waiting = CallBack.objects.filter(procedures__in=procedures, done_at__isnull=True)
    CallBack.objects.filter(pk__in=waiting.values("pk")).update(done_at=timezone.now(), done_by_name="booked anew")
