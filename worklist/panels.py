"""What the worklist shows in the patient file."""

from __future__ import annotations

from ris.accounts.models import User
from ris.core.panels import Panel
from ris.patients.models import Patient
from worklist.lifecycle import STUDY
from worklist.models import Study


def patient_studies(patient: Patient, user: User) -> list[Panel]:
    """The person's exams that have images, latest first, as far as the user may know of them."""
    family = Patient.objects.family(patient)
    linked = Study.objects.filter(links__active=True, links__requested_procedure__order__patient__in=family)
    rows = Study.objects.listed_for(user).filter(pk__in=linked.values("pk"), state__in=STUDY.groups["readable"])
    studies = rows.order_by("-study_date", "-study_time", "-pk")[:50]
    context = {"studies": studies, "may_open": user.may("study.view", None)}
    return [Panel("Exams with images", "worklist/_patient_studies.html", context)] if studies else []
