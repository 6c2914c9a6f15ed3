"""A requested procedure gets another StudyInstanceUID: the images under the old one are not its patient's.

It gets the old one back where they turn out to be.
"""

from __future__ import annotations

from django.db import transaction

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import NotPermitted
from ris.core.identifiers import uid
from ris.orders.actions.ending import locked
from ris.orders.models import RequestedProcedure


@transaction.atomic
def renew_study_uid(requested: RequestedProcedure, *, by: Actor) -> RequestedProcedure:
    """Whoever is examined next under this procedure gets a study of their own; the accession number stays.

    Raises NotPermitted for those who perform no exams.
    """
    order = locked(requested.order)
    if not by.may("step.perform", order.site_id):
        raise NotPermitted("Taking an exam again is for technologists and devices.")
    requested = RequestedProcedure.objects.select_for_update(of=("self",)).get(pk=requested.pk)
    old = requested.study_instance_uid
    requested.study_instance_uid = uid("study", "again", requested.pk, old)
    requested.save(update_fields=["study_instance_uid"])
    audit.record("order.study-renewed", order, by=by, study_uid=old, renewed=requested.study_instance_uid)
    return requested


@transaction.atomic
def give_back_study_uid(requested: RequestedProcedure, study_uid: str, *, by: Actor) -> RequestedProcedure:
    """The images under the number that it had before are its own. Nothing happens where a procedure has that number.

    Raises NotPermitted for those who perform no exams.
    """
    order = locked(requested.order)
    if not by.may("step.perform", order.site_id):
        raise NotPermitted("Taking an exam again is for technologists and devices.")
    requested = RequestedProcedure.objects.select_for_update(of=("self",)).get(pk=requested.pk)
    if RequestedProcedure.objects.filter(study_instance_uid=study_uid).exists():
        return requested
    old, requested.study_instance_uid = requested.study_instance_uid, study_uid
    requested.save(update_fields=["study_instance_uid"])
    audit.record("order.study-renewed", order, by=by, study_uid=old, renewed=study_uid)
    return requested
