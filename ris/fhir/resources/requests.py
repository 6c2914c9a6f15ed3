"""ServiceRequest: requested procedures; creating one places an order as the order page does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from ris.accounts.models import Site, User
from ris.core.errors import Collision, InvalidInput, NotPermitted
from ris.core.texts import faults_of_texts
from ris.fhir.conditional import one_at_a_time, the_one
from ris.fhir.house import house
from ris.fhir.mapping.asking import AskedRequest, Misread, asked_request
from ris.fhir.mapping.datatypes import DICOM_UID, LOINC, SCHEMES, Json, Placer, Visit, issuer_in
from ris.fhir.mapping.service_request import (
    IMAGING,
    PRIORITIES,
    STATUSES,
    ProcedureFacts,
    RequestFacts,
    service_request,
)
from ris.fhir.resources.station import Made, RowStation
from ris.fhir.search.parameters import Always, Code, Key, Moment, Person, Token
from ris.orders.actions import OrderDetails, place_order
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, Procedure, RequestedProcedure
from ris.patients.models import Patient
from ris.patients.names import readable
from ris.scheduling.models import ScheduledProcedureStep

OTHER_INTENTS = (
    "proposal", "plan", "directive", "original-order", "reflex-order", "filler-order", "instance-order", "option",
)  # fmt: skip


def procedure_facts(procedure: Procedure) -> ProcedureFacts:
    return ProcedureFacts(
        code=procedure.code,
        name=procedure.name,
        loinc=procedure.loinc_code,
        radlex=procedure.radlex_code,
        body_part=procedure.body_part,
    )


def facts_of(row: RequestedProcedure) -> RequestFacts:
    order = row.order
    starts = [step.start for step in row.steps.all() if step.start is not None]
    return RequestFacts(
        key=row.pk,
        state=order.state,
        patient=order.patient.current_id,
        procedure=procedure_facts(row.procedure),
        laterality=row.laterality,
        placer=Placer(order.placer_number, order.placer_issuer),
        filler=order.filler_number,
        accession=row.accession_number,
        accession_issuer=row.accession_issuer,
        study_uid=row.study_instance_uid,
        priority=order.priority,
        reason=order.reason,
        question=order.clinical_question,
        referrer=readable(order.referrer_name),
        placed_at=order.placed_at,
        start=min(starts, default=None),
        wanted=order.wanted_from,
        site=(order.site.code, order.site.name),
        visit=visit_of([row]),
    )


def visit_of(rows: Iterable[RequestedProcedure]) -> Visit:
    """That of their orders, where it is one."""
    found = {(row.order.visit_number, row.order.visit_issuer) for row in rows}
    return Visit(*found.pop()) if len(found) == 1 else Visit()


def written(rows: Iterable[Any], _user: User) -> list[Json]:
    return [service_request(facts_of(row), house()) for row in rows]


def numbered(system: str | None, value: str) -> Q:
    """By placer, filler or accession number, or by the StudyInstanceUID as urn:oid.

    A system that is none of ours is a placer's: the number is found if it was given with it.
    """
    filler = Q(order__filler_number=value)
    if system is None:
        return accessioned(system, value) | Q(order__placer_number=value) | filler
    ways = {house().system("filler"): filler, DICOM_UID: Q(study_instance_uid=value.removeprefix("urn:oid:"))}
    if system in ways:
        return ways[system]
    if system.startswith(house().system("accession")):
        return accessioned(system, value)
    return _of_placers(system, value)


def grouped(system: str | None, value: str) -> Q:
    """By the requisition, which is the filler's number."""
    return Q(order__filler_number=value) if system in (None, house().system("filler")) else Q(pk__in=[])


def accessioned(system: str | None, value: str) -> Q:
    """By the accession number, of the issuer whose system it is."""
    if system is None:
        return Q(accession_number=value)
    issuers = RequestedProcedure.objects.filter(accession_number=value).values_list("accession_issuer", flat=True)
    known = [issuer for issuer in set(issuers) if house().system("accession", issuer) == system]
    return Q(accession_number=value, accession_issuer__in=known)


def of_system(system: str) -> Q:
    """All that have a number of a system: of the filler's, an accession's and DICOM's each has one."""
    if system in (house().system("filler"), DICOM_UID):
        return Q(pk__isnull=False)
    if system.startswith(house().system("accession")):
        return issued(system)
    return _of_placers(system, "") & ~Q(order__placer_number="")


def issued(system: str) -> Q:
    """All whose accession number is of the issuer whose system it is."""
    issuers = RequestedProcedure.objects.order_by().values_list("accession_issuer", flat=True).distinct()
    return Q(accession_issuer__in=[one for one in issuers if house().system("accession", one) == system])


def _of_placers(system: str, value: str) -> Q:
    issuer = issuer_in(house(), "placer", system)
    if not system or issuer.startswith(f"{house().base}/"):
        return Q(pk__in=[])
    theirs = Q(order__placer_issuer=_kept("placer_issuer", issuer))
    return theirs & Q(order__placer_number=value) if value else theirs


def coded(system: str | None, value: str) -> Q:
    own, loinc, radlex = (Q(**{f"procedure__{name}": value}) for name in ("code", "loinc_code", "radlex_code"))
    if system is None:
        return own | loinc | radlex
    ways = {house().system("procedure"): own, LOINC: loinc, SCHEMES["RADLEX"]: radlex}
    return ways.get(system, Q(pk__in=[]))


def of_codes(system: str) -> Q:
    ways = {
        house().system("procedure"): Q(pk__isnull=False),
        LOINC: ~Q(procedure__loinc_code=""),
        SCHEMES["RADLEX"]: ~Q(procedure__radlex_code=""),
    }
    return ways.get(system, Q(pk__in=[]))


class Occurring(Moment):
    """As occurrenceDateTime has it: when a step is planned; of one that is not, from when it is wanted."""

    def one(self, text: str) -> Q:
        planned = ScheduledProcedureStep.objects.filter(requested_procedure=OuterRef("pk"), start__isnull=False)
        wanted = replace(self, field="order__wanted_from")
        return super().one(text) | ~Exists(planned) & Moment.one(wanted, text)


class RequestStation(RowStation):
    type = "ServiceRequest"
    needs = "order.view"
    what = (
        "Requested procedures of your sites, one for each accession number; those of one order share `requisition`. "
        "Creating one places an order; the same placer number of the same patient is answered with what is there."
    )
    interactions = ("read", "search-type", "create")
    model = RequestedProcedure
    opened = "order.opened"
    parameters = (
        Key(name="_id", what="The id."),
        Token(
            name="identifier",
            what="Accession, filler or placer number, or StudyInstanceUID.",
            test=numbered,
            whole=of_system,
        ),
        Token(
            name="requisition",
            what="The filler number, which the requests of one order share.",
            test=grouped,
        ),
        Person(name="patient", what="Whom it is for.", field="order__patient", element="subject"),
        Person(name="subject", what="The same as patient.", field="order__patient", element="subject"),
        Code(
            name="status",
            what="State of the order.",
            field="order__state",
            codes={code: [ours for ours, said in STATUSES.items() if said == code] for code in STATUSES.values()},
            others=("on-hold", "entered-in-error", "unknown"),
        ),
        Code(
            name="priority",
            what="How urgent it is.",
            field="order__priority",
            codes={code: [ours for ours, said in PRIORITIES.items() if said == code] for code in PRIORITIES.values()},
            others=("asap",),
        ),
        Code(
            name="intent",
            what="Always order.",
            field="order__state",
            codes={"order": ORDER.states},
            others=OTHER_INTENTS,
        ),
        Token(name="code", what="Code of the catalogue, LOINC or RadLex.", test=coded, whole=of_codes),
        Moment(name="authored", what="When it was placed.", field="order__placed_at", sorts=("order__placed_at",)),
        Occurring(
            name="occurrence", what="For when it is planned; until then, from when it is wanted.", field="steps__start"
        ),
        Always(name="category", what="Imaging.", codes=((SCHEMES["SCT"], IMAGING),)),
    )
    revincludes = ("Appointment:based-on", "ImagingStudy:basedon", "DiagnosticReport:based-on", "Observation:based-on")
    write = written

    def visible(self, user: User) -> models.QuerySet[Any]:
        return RequestedProcedure.objects.visible_to(user)

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        steps = ScheduledProcedureStep.objects.only("start", "requested_procedure")
        return (
            rows.select_related("procedure", "order__patient", "order__site")
            .prefetch_related(models.Prefetch("steps", steps))
            .distinct()
        )

    def patient_of(self, row: Any) -> int | None:
        return int(row.order.patient_id)

    @transaction.atomic
    def create(self, user: User, data: Any, condition: str) -> Made:
        """Raises Misread, NotPermitted, InvalidInput, Collision."""
        asked = asked_request(data, house())
        person = Patient.objects.visible_to(user).filter(pk=asked.patient).first()
        if person is None:
            raise Misread({"subject": "There is no such patient, or it is not yours to see."})
        site = _site(asked, user)
        with one_at_a_time("ServiceRequest", condition, site.pk, asked.placer.number):
            if there := the_one(self, user, condition):
                return Made(there, new=False)
            procedure = _procedure(asked)
            if there := self._of_placer(user, asked, site=site, person=person, procedure=procedure):
                return Made(there, new=False)
            details = OrderDetails(
                priority=asked.priority, reason=asked.reason, clinical_question=asked.question,
                referrer_name=_as_pn(asked.referrer), placer_number=asked.placer.number,
                placer_issuer=_kept("placer_issuer", asked.placer.issuer),
                visit_number=asked.visit.number, visit_issuer=_kept("visit_issuer", asked.visit.issuer),
                wanted_from=_at_site(asked.wanted, site),
            )  # fmt: skip
            sides = {procedure.code: asked.side} if asked.side else {}
            order = place_order(person, site=site, procedures=[procedure], details=details, by=user, sides=sides)
            return Made(self.some(user, [str(order.procedures.get().pk)])[0], new=True)

    def _of_placer(
        self, user: User, asked: AskedRequest, *, site: Site, person: Patient, procedure: Procedure
    ) -> Json | None:
        """What was placed under the same number already; another patient's, exam's or side's is refused.

        Another system may give out the same number (a placer's namespace, HL7 v2.5.1 2.A.28): what is asked is then not
        there, and nobody may be told that it is. Where either side names no system, the number may be the same.
        """
        if not asked.placer.number:
            return None
        rows = RequestedProcedure.objects.filter(order__site=site, order__placer_number=asked.placer.number)
        if issuer := _kept("placer_issuer", asked.placer.issuer):
            rows = rows.filter(order__placer_issuer__in=[issuer, ""])
        rows = rows.filter(order__state__in=ORDER.groups["matchable"])
        there = list(rows.select_related("order__patient__merged_into").order_by("pk"))
        if not there:
            return None
        if any(one.order.patient.current != person.current for one in there):
            raise Collision("An order with this placer number is for another patient.")
        exam = (procedure.pk, asked.side if procedure.paired else "")
        same = next((str(one.pk) for one in there if (one.procedure_id, one.laterality) == exam), None)
        if same is None:
            raise Collision("An order with this placer number is for another exam, or another side, of this patient.")
        return next(iter(self.some(user, [same])), None)


def _site(asked: AskedRequest, user: User) -> Site:
    """The site that is named as performer; the only one at which the person orders, where none is."""
    sites = list(Site.objects.filter(pk__in=user.sites_where("order.view")).order_by("pk"))
    if asked.site:
        sites = [site for site in sites if site.code == asked.site]
    if not sites:
        raise Misread({"performer": "There is no such site, or it is not one of yours."})
    if len(sites) > 1:
        codes = ", ".join(site.code for site in sites)
        raise Misread({"performer": f"Name the site, by an identifier of {house().system('site')}: one of {codes}."})
    if not user.may("order.place", sites[0].pk):
        raise NotPermitted(f"Ordering at {sites[0]} is for its clerks and radiologists.")
    return sites[0]


def _procedure(asked: AskedRequest) -> Procedure:
    """By our own code; by LOINC where exactly one of the catalogue has it."""
    for system, code in asked.codes:
        name = "code" if system == house().system("procedure") else "loinc_code"
        found = list(Procedure.objects.filter(active=True, **{name: code})[:2])
        if len(found) == 1:
            return found[0]
        if name == "code":
            break
    raise InvalidInput("The catalogue has no such procedure.", fields={"ServiceRequest.code": "See the catalogue."})


def _at_site(moment: datetime | None, site: Site) -> datetime | None:
    return moment.replace(tzinfo=site.zone) if moment and moment.tzinfo is None else moment


def _as_pn(name: str) -> str:
    """A name as people write it, as DICOM does: the last word is the family name."""
    if "^" in name or " " not in name:
        return name[:64]
    given, _, family = name.rpartition(" ")
    return f"{family}^{given}"[:64]


def _kept(name: str, issuer: str) -> str:
    """Whose number it is, where that can be kept: no order is refused for another server's long address."""
    return "" if faults_of_texts(Order, {name: issuer}) else issuer
