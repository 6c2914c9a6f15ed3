"""What the worklist shows in the patient file and on an order's page."""

from __future__ import annotations

from django.db.models import Q

from ris.accounts.models import User
from ris.core.panels import Panel
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, RequestedProcedure
from ris.patients.models import Patient
from worklist.lifecycle import READING, STUDY
from worklist.models import Study
from worklist.whereabouts.asking import whereabouts_of

MOST_UNDER_WAY = 5


def order_whereabouts(order: Order, user: User) -> list[Panel]:
    """Where each exam of the order is, in a sentence, with the page that moves it on where that is another one."""
    related = ("procedure", "order__site", "protocol")
    procedures = order.procedures.select_related(*related).order_by("pk")
    rows = [whereabouts_of(requested, user) for requested in procedures]
    rows = [row | {"button": None} if row["where"].act == "order" else row for row in rows]
    return [Panel("Where is it?", "worklist/_whereabouts.html", {"rows": rows})] if rows else []


def patient_whereabouts(patient: Patient, user: User) -> list[Panel]:
    """Where the person's exams are that are not over, latest orders first; none when nothing is under way."""
    family = Patient.objects.family(patient)
    orders = Order.objects.visible_to(user).filter(patient__in=family)
    to_come = Q(order__state__in=ORDER.groups["open"]) | Q(reading_tasks__state__in=READING.groups["open"])
    under_way = RequestedProcedure.objects.filter(to_come, order__in=orders).distinct()
    under_way = under_way.select_related("procedure", "order__site", "protocol").order_by("-pk")[:MOST_UNDER_WAY]
    rows = [whereabouts_of(requested, user) | {"order": requested.order_id} for requested in under_way]
    return [Panel("Where is it?", "worklist/_whereabouts.html", {"rows": rows, "named": True})] if rows else []


def patient_studies(patient: Patient, user: User) -> list[Panel]:
    """The person's exams that have images, latest first, as far as the user may know of them."""
    family = Patient.objects.family(patient)
    linked = Study.objects.filter(links__active=True, links__requested_procedure__order__patient__in=family)
    theirs = Q(pk__in=linked.values("pk")) | Q(outside__patient__in=family)
    rows = Study.objects.listed_for(user).filter(theirs, state__in=STUDY.groups["readable"])
    studies = rows.select_related("outside").order_by("-study_date", "-study_time", "-pk")[:50]
    context = {"studies": studies, "may_open": user.may("study.view", None)}
    context |= {"may_export": user.may("study.export", None), "exports": user.sites_where("study.export")}
    return [Panel("Exams with images", "worklist/_patient_studies.html", context)] if studies else []
