"""Images that were here before their order: taken while the RIS was down, or under an order that came late."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from ris.core.actors import SystemActor
from ris.events import emit
from ris.events.models import Event
from ris.orders.models import RequestedProcedure
from worklist.lifecycle import STUDY
from worklist.models import Study

MATCHER = SystemActor("matcher")


@transaction.atomic
def look_again(event: Event) -> None:
    """An order was placed: studies that carry its numbers and fitted none are matched again."""
    wanted = Q(pk__in=[])
    for requested in RequestedProcedure.objects.filter(order=int(event.target_id)):
        wanted |= Q(study_instance_uid=requested.study_instance_uid) | Q(accession_number=requested.accession_number)
    for study in Study.objects.filter(wanted, state__in=STUDY.groups["reconcilable"]):
        emit("study.noticed", study, by=MATCHER, study_uid=study.study_instance_uid)
