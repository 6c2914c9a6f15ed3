"""A person wants no more messages about appointments, and says so through the link of a mail."""

from __future__ import annotations

from django.core import signing
from django.db import transaction

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import NotFound, NotPermitted
from ris.events import emit
from ris.patients.models import Patient

SALT = "patients.decline-messages"


def declining_token(patient: Patient) -> str:
    """What the link of a mail carries: it names a record, and only this installation can have made it."""
    return signing.dumps(patient.pk, salt=SALT)


def patient_of_token(token: str) -> Patient:
    """Whose link it is; raises NotFound for one that was not made here."""
    try:
        return Patient.objects.get(pk=signing.loads(token, salt=SALT)).current
    except (signing.BadSignature, Patient.DoesNotExist):
        raise NotFound("This link is not complete. Open it from the mail again, or call us.") from None


@transaction.atomic
def decline_messages(patient: Patient, *, by: Actor) -> Patient:
    """No mail and no SMS any more, to any record of the person; a clerk can take it back. Safe to repeat."""
    if not by.may("patient.decline-messages", None):
        raise NotPermitted("This is for the link of a mail. Change it in the patient's data.")
    family = Patient.objects.select_for_update(of=("self",)).filter(pk__in=Patient.objects.family(patient).values("pk"))
    for record in family.filter(messages_declined=False):
        record.messages_declined = True
        record.save(update_fields=["messages_declined"])
        audit.record("patient.declined-messages", record, by=by, patient=record, changed=["messages_declined"])
        emit("patient.updated", record, by=by)
    return patient
