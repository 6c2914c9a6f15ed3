"""ImagingStudy as worklist has it, and the one Endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Concat, RPad, Substr
from django.http import QueryDict

from ris import audit
from ris.accounts.models import Site, User
from ris.core.errors import NotFound
from ris.fhir.house import house
from ris.fhir.mapping.datatypes import DCM, DICOM_UID, Json
from ris.fhir.mapping.imaging_study import ENDPOINT, STATUSES, SeriesFacts, StudyFacts, endpoint, imaging_study
from ris.fhir.resources.requests import visit_of
from ris.fhir.resources.station import NOWHERE, Asked, Page, RowStation, Station
from ris.fhir.search.parameters import Code, Key, Moment, Person, Reference, Token
from ris.fhir.search.values import Span, Wrong
from worklist.models import Study, StudyLink

CODE_STRING = re.compile(r"[A-Z0-9_]{1,16}")


def started(row: Study) -> datetime | None:
    """The archive's local date and time as an instant of the site; None where either is missing or no time at all."""
    try:
        day = datetime.strptime(row.study_date, "%Y%m%d").date()  # noqa: DTZ007  it gets its zone below
        digits = f"{row.study_time[:6]:0<6}"
        clock = time(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None
    return datetime.combine(day, clock, tzinfo=row.site.zone) if row.site else None


def facts_of(row: Any) -> StudyFacts:
    requests = [link.requested_procedure for link in row.active_links]
    patient = requests[0].order.patient if requests else None
    return StudyFacts(
        key=row.pk,
        uid=row.study_instance_uid,
        state=row.state,
        patient=patient.current_id if patient else None,
        patient_number=row.patient_id_text,
        accession=row.accession_number,
        accession_issuer=requests[0].accession_issuer if requests else "",
        requests=[one.pk for one in requests],
        modalities=row.modalities,
        description=row.description,
        started=started(row),
        series_count=row.series_count,
        instance_count=row.instance_count,
        series=[
            SeriesFacts(uid=one.series_instance_uid, number=one.number, modality=one.modality,
                        description=one.description, images=one.images)
            for one in row.received_series.all()
        ],
        changed_at=row.changed_at,
        visit=visit_of(requests),
    )  # fmt: skip


def written(rows: Iterable[Any], _user: User) -> list[Json]:
    return [imaging_study(facts_of(row), house()) for row in rows]


def numbered(system: str | None, value: str) -> Q:
    uid, accession = Q(study_instance_uid=value.removeprefix("urn:oid:")), Q(accession_number=value)
    if system is None:
        return uid | accession
    if system == DICOM_UID:
        return uid
    return accession & _issued(system, value)


def _issued(system: str, accession: str) -> Q:
    """By the system that `written` gives the number: an issuer's; for a study that answers no request the bare one."""
    bare, links = house().system("accession"), StudyLink.objects.filter(active=True)
    if system == bare:
        return ~Q(pk__in=links.exclude(requested_procedure__accession_issuer="").values("study_id"))
    if not system.startswith(f"{bare}/"):
        return Q(pk__in=[])
    numbered = links.filter(study__accession_number=accession)
    issuers = set(numbered.values_list("requested_procedure__accession_issuer", flat=True))
    known = [issuer for issuer in issuers if house().system("accession", issuer) == system]
    return Q(pk__in=links.filter(requested_procedure__accession_issuer__in=known).values("study_id"))


class LinkedPerson(Person):
    """Through links that hold: a study that was unlinked is nobody's."""

    def about(self, people: object) -> Q:
        rows = StudyLink.objects.filter(active=True).filter(super().about(people))
        return Q(pk__in=rows.values("study_id"))


class LinkedRequest(Reference):
    def among(self, keys: Any) -> Q:
        rows = StudyLink.objects.filter(active=True).filter(super().among(keys))
        return Q(pk__in=rows.values("study_id"))


class Started(Moment):
    """The archive's own date and time, as DICOM writes them on the clock of the study's site; of one without a time the
    whole day counts (R4 §3.1.1.4.7)."""

    def one(self, text: str) -> Q:
        asked, zones = self.span_of(text), set(Site.objects.values_list("time_zone", flat=True))
        met = self._met(asked, self.zone) & Q(site__isnull=True)
        for name in sorted(zones):
            met |= self._met(asked, ZoneInfo(name)) & Q(site__time_zone=name)
        rows = Study.objects.exclude(study_date="").annotate(begins=_digits("000000"), ends=_digits("235959"))
        return Q(pk__in=rows.filter(met).values("pk"))

    def _met(self, asked: Span, zone: tzinfo) -> Q:
        low, high = (f"{one.astimezone(zone):%Y%m%d%H%M%S}" for one in (asked.low, asked.high))
        within = Q(begins__gte=low, ends__lt=high)
        ways = {
            "eq": within, "ne": ~within, "gt": Q(ends__gte=high), "sa": Q(begins__gte=high), "lt": Q(begins__lt=low),
            "eb": Q(ends__lt=low), "ge": Q(ends__gte=low), "le": Q(begins__lt=high),
        }  # fmt: skip
        return ways[asked.prefix]


def _digits(without: str) -> Concat:
    """Date and time as 20270305143000; `without` stands where the archive knows no time. 14 is 14:00:00."""
    known = RPad(Substr("study_time", 1, 6), 6, Value("0"))
    clock = Case(When(study_time="", then=Value(without)), default=known, output_field=CharField())
    return Concat("study_date", clock, output_field=CharField())


class AtEndpoint(Reference):
    """There is one, and every study that may be looked at is there."""

    def one(self, text: str) -> Q:
        key = text.removeprefix(f"{house().base}/").removeprefix("Endpoint/")
        if key != ENDPOINT:
            raise Wrong(self.name, f"There is one only: Endpoint/{ENDPOINT}.")
        return Q(state__in=[ours for ours, said in STATUSES.items() if said == "available"])


def of_modality(system: str | None, value: str) -> Q:
    known = system in (None, DCM) and CODE_STRING.fullmatch(value)
    return Q(modalities__icontains=f'"{value}"') if known else Q(pk__in=[])


class StudyStation(RowStation):
    type = "ImagingStudy"
    needs = "study.list"
    what = "Studies in the archive that are of your sites. Their images are at the Endpoint, for who may view them."
    model = Study
    opened = "study.opened"
    parameters = (
        Key(name="_id", what="The id."),
        Moment(
            name="_lastUpdated", what="When the row last changed.", field="changed_at", sorts=("changed_at",)
        ),
        Token(name="identifier", what="StudyInstanceUID as urn:oid, or accession number.", test=numbered),
        LinkedPerson(
            name="patient", what="Whose it is.", field="requested_procedure__order__patient", element="subject"
        ),
        LinkedPerson(
            name="subject", what="The same as patient.", field="requested_procedure__order__patient", element="subject"
        ),
        LinkedRequest(
            name="basedon", what="What it answers.", field="requested_procedure", targets=("ServiceRequest",),
            element="basedOn",
        ),
        Started(name="started", what="When it began, where the archive knows it; without a time the day counts."),
        Token(name="modality", what="Of any of its series, such as CT.", test=of_modality),
        AtEndpoint(name="endpoint", what="Where its images are.", targets=("Endpoint",), element="endpoint"),
        Code(
            name="status", what="available, or registered while nobody may look yet.", field="state",
            codes={code: [ours for ours, said in STATUSES.items() if said == code] for code in STATUSES.values()},
            others=("entered-in-error", "unknown"),
        ),
    )  # fmt: skip
    revincludes = ("Observation:derived-from",)
    write = written

    def visible(self, user: User) -> models.QuerySet[Any]:
        return Study.objects.listed_for(user)

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        links = StudyLink.objects.filter(active=True).select_related("requested_procedure__order__patient")
        active = models.Prefetch("links", links.order_by("pk"), to_attr="active_links")
        return rows.select_related("site").prefetch_related(active, "received_series")

    def note(self, row: Any, user: User, options: QueryDict) -> None:
        audit.record("study.opened", row, by=user, study_uid=row.study_instance_uid, patient=self.patient_of(row))

    def patient_of(self, row: Any) -> int | None:
        links = row.active_links
        return int(links[0].requested_procedure.order.patient_id) if links else None


class EndpointStation(Station):
    type = "Endpoint"
    needs = "study.list"
    what = "Where images are: the viewer's own DICOMweb, behind a browser session."
    parameters = (
        Code(name="_id", what="The id.", codes={ENDPOINT: [ENDPOINT]}),
        Code(name="status", what="Always active.", codes={"active": ["active"]}),
        Code(name="connection-type", what="Always dicom-wado-rs.", codes={"dicom-wado-rs": ["dicom-wado-rs"]}),
    )

    def the_one(self) -> Json:
        return endpoint(f"{settings.PUBLIC_URL.rstrip('/')}/viewer/dicom-web")

    def read(self, user: User, key: str, options: QueryDict) -> Json:
        if key != ENDPOINT:
            raise NotFound(NOWHERE)
        return self.the_one()

    def search(self, user: User, asked: Asked) -> Page:
        for parameter, text in asked.tests:
            parameter.asks(text)
        return Page([self.the_one()] if asked.count else [], 1)

    def some(self, user: User, keys: Iterable[str]) -> list[Json]:
        return [self.the_one()] if ENDPOINT in keys else []
