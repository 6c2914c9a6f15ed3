"""What the worklist shows in the patient file and on an order's page."""

from __future__ import annotations

from ris.accounts.models import User
from ris.core.panels import Panel
from ris.orders.models import Order
from ris.patients.models import Patient
from worklist.lifecycle import STUDY
from worklist.models import Study
from worklist.whereabouts.asking import button, facts_of
from worklist.whereabouts.rules import whereabouts


def order_whereabouts(order: Order, user: User) -> list[Panel]:
    """Where each exam of the order is, in a sentence, with the page that moves it on."""
    rows = []
    related = ("procedure", "order__site", "protocol")
    for requested in order.procedures.select_related(*related).order_by("pk"):
        where = whereabouts(facts_of(requested))
        rows.append({"name": requested.description, "where": where, "button": button(where, requested, user)})
    return [Panel("Where is it?", "worklist/_whereabouts.html", {"rows": rows})]


def patient_studies(patient: Patient, user: User) -> list[Panel]:
    """The person's exams that have images, latest first, as far as the user may know of them."""
    family = Patient.objects.family(patient)
    linked = Study.objects.filter(links__active=True, links__requested_procedure__order__patient__in=family)
    rows = Study.objects.listed_for(user).filter(pk__in=linked.values("pk"), state__in=STUDY.groups["readable"])
    studies = rows.order_by("-study_date", "-study_time", "-pk")[:50]
    context = {"studies": studies, "may_open": user.may("study.view", None)}
    return [Panel("Exams with images", "worklist/_patient_studies.html", context)] if studies else []
