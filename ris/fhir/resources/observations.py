"""Observation: the numbers of the SRs that came through the viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict

from reporting.lifecycle import OBJECT, REPORT
from reporting.models import Measurement, Report
from ris.accounts.models import User
from ris.core.errors import NotFound
from ris.fhir.house import house
from ris.fhir.mapping.datatypes import DICOM_UID, SCHEMES, Json
from ris.fhir.mapping.observation import CATEGORY, STATUSES, MeasurementFacts, observation
from ris.fhir.resources.station import NOWHERE, RowStation
from ris.fhir.resources.whose import Holders, holders_of, standing
from ris.fhir.search.parameters import Always, Key, Moment, Parameter, Person, Reference, Token, between
from ris.fhir.search.values import LARGEST_ID, Wrong, token
from worklist.lifecycle import STUDY
from worklist.models import Study, StudyLink

# What a number is whose images are another patient's, or nobody's (`whose.standing`).
ASTRAY: Final = ("entered-in-error", "unknown")
NEVER: Final = ("registered", "amended", "corrected", "cancelled")


def key_of(row: Measurement) -> str:
    """Rows are made anew whenever their object is read; the object and what it says stay."""
    return f"{row.source_id}-{row.identity}"


def facts_of(row: Measurement, studies: Mapping[str, int], holders: Mapping[str, Holders]) -> MeasurementFacts:
    """`studies`: ids of those that the person may see. Of one that was moved away none is named."""
    task, uid = row.source.task, row.source.study_instance_uid
    requests = [one.pk for one in task.requested_procedures.all()]
    stays = uid in holders and not holders[uid].requests.isdisjoint(requests)
    reports = sorted(task.reports.all(), key=lambda one: one.pk)
    return MeasurementFacts(
        key=key_of(row),
        report_state=(reports[-1].held_from or reports[-1].state) if reports else "",
        astray=standing(holders, uid, task.patient.current_id),
        patient=task.patient.current_id,
        requests=requests,
        study=studies.get(uid) if stays else None,
        tracking_uid=row.tracking_uid,
        scheme=row.scheme,
        code=row.code,
        name=row.name,
        value=row.value,
        unit=row.unit,
        site=(row.finding_site, row.site_code),
        laterality=(row.laterality, row.laterality_code),
        method=(row.method, row.method_code),
        observer=row.source.observer.replace("^", " ").strip(),
        measured_at=row.measured_at or row.source.stored_at,
        remarks=[str(flag) for flag in row.flags],
    )


def written(rows: Iterable[Any], user: User) -> list[Json]:
    rows = list(rows)
    uids = {row.source.study_instance_uid for row in rows}
    known = Study.objects.listed_for(user).filter(study_instance_uid__in=uids)
    studies = dict(known.values_list("study_instance_uid", "pk"))
    holders = holders_of(uids)
    return [observation(facts_of(row, studies, holders), house()) for row in rows]


def tracked(system: str | None, value: str) -> Q:
    known = system in (None, DICOM_UID)
    return Q(tracking_uid=value.removeprefix("urn:oid:")) if known else Q(pk__in=[])


def coded(system: str | None, value: str) -> Q:
    if system is None:
        return Q(code=value)
    schemes = [scheme for scheme, url in SCHEMES.items() if url == system]
    return Q(scheme__in=schemes, code=value)


class DerivedFrom(Reference):
    """An SR names its study by the UID; a study that was moved away took no measurement along."""

    def among(self, keys: Any) -> Q:
        links = StudyLink.objects.filter(
            active=True, study__in=keys, study__study_instance_uid=OuterRef("source__study_instance_uid"),
            requested_procedure__reading_tasks=OuterRef("source__task"),
        )  # fmt: skip
        return Q(Exists(links.exclude(study__state__in=STUDY.groups["closed"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Parameter):
    """As `facts_of` has it: what became of its images, else the state of its report."""

    kind = "token"

    def one(self, text: str) -> Q:
        _system, code = token(text)
        if code in NEVER:
            return Q(pk__in=[])
        known = dict.fromkeys([*STATUSES.values(), *ASTRAY])
        if code not in known:
            raise Wrong(self.name, f"{code[:40]!r} is none of {', '.join(known)}.")
        states = [ours for ours, said in STATUSES.items() if said == code]
        rows = told_of(Measurement.objects.all())
        return Q(pk__in=rows.filter(Q(astray=code) | Q(astray="", report_state__in=states)).values("pk"))


def told_of(rows: models.QuerySet[Measurement]) -> models.QuerySet[Measurement]:
    """With `report_state`, and `astray` as `standing` has it: for the database to compare."""
    uid = OuterRef("source__study_instance_uid")
    known = Study.objects.filter(study_instance_uid=uid)
    links = StudyLink.objects.filter(active=True, study__study_instance_uid=uid)
    held = links.exclude(study__state__in=STUDY.groups["closed"])
    here = Coalesce("source__task__patient__merged_into_id", "source__task__patient_id")
    rows = rows.annotate(person=here)
    whose = Coalesce("requested_procedure__order__patient__merged_into_id", "requested_procedure__order__patient_id")
    theirs = held.annotate(whose=whose).filter(whose=OuterRef("person"))
    told = Case(When(held_from="", then="state"), default="held_from")
    at = Report.objects.filter(task=OuterRef("source__task")).order_by("-pk").annotate(told=told)
    stays = ~Exists(known) | Exists(theirs)
    return rows.annotate(
        report_state=Coalesce(Subquery(at.values("told")[:1]), Value("")),
        astray=Case(When(stays, then=Value("")), When(Exists(held), then=Value(ASTRAY[0])), default=Value(ASTRAY[1])),
    )


class Measured(Moment):
    """As effectiveDateTime has it: of one that does not say when it was measured, when it was stored."""

    def one(self, text: str) -> Q:
        asked = self.span_of(text)
        stored = between("source__stored_at", asked.prefix, asked.low.astimezone(UTC), asked.high.astimezone(UTC))
        return super().one(text) | Q(measured_at__isnull=True) & stored


class ByKey(Key):
    """`_id` is the object and a hash: the object narrows, the hash is compared when it is read."""

    def one(self, text: str) -> Q:
        return Q(pk__in=[row.pk for row in of_key(Measurement.objects.all(), text)])


def of_key(rows: models.QuerySet[Any], key: str) -> list[Any]:
    source, _, identity = key.partition("-")
    if not (source.isascii() and source.isdigit() and int(source[:20]) <= LARGEST_ID):
        return []
    return [row for row in rows.filter(source_id=int(source)).select_related("source") if row.identity == identity][:1]


class ObservationStation(RowStation):
    """Writers see what was measured; others what belongs to a report that was signed."""

    type = "Observation"
    needs = "report.view"
    what = "Measurements stored from the viewer, in UCUM; for those who do not write reports, only of signed cases."
    model = Measurement
    opened = "object.viewed"
    parameters = (
        ByKey(name="_id", what="The id."),
        Token(name="identifier", what="Tracking UID, as urn:oid.", test=tracked),
        Person(name="patient", what="Who was measured.", field="source__task__patient", element="subject"),
        Person(name="subject", what="The same as patient.", field="source__task__patient", element="subject"),
        Token(name="code", what="What was measured.", test=coded),
        Always(name="category", what="Imaging.", codes=((CATEGORY, "imaging"),)),
        Standing(name="status", what="By the report that it stands in, and whose its images are now."),
        Measured(
            name="date", what="When it was measured, else when it was stored.", field="measured_at",
            sorts=("measured_at", "source__stored_at"),
        ),
        DerivedFrom(
            name="derived-from", what="On which study.", targets=("ImagingStudy",), element="derivedFrom"
        ),
        Reference(
            name="based-on", what="For which request.", field="source__task__requested_procedures",
            targets=("ServiceRequest",), element="basedOn",
        ),
    )  # fmt: skip
    write = written

    def visible(self, user: User) -> models.QuerySet[Any]:
        rows = Measurement.objects.filter(source__state__in=OBJECT.groups["usable"])
        writers = Q(source__task__site__in=user.sites_where("report.write"))
        shown = REPORT.groups["shown"]
        signed = Report.objects.visible_to(user).filter(Q(state__in=shown) | Q(held_from__in=shown))
        return rows.filter(writers | Q(source__task__in=signed.values("task_id")))

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        rows = rows.select_related("source__task__patient").distinct()
        return rows.prefetch_related("source__task__reports", "source__task__requested_procedures")

    def read(self, user: User, key: str, options: QueryDict) -> Json:
        found = of_key(self.whole(self.visible(user)), key)
        if not found:
            raise NotFound(NOWHERE)
        self.note(found[0], user, options)
        return self.write_one(found[0], user, options)

    def some(self, user: User, keys: Iterable[str]) -> list[Json]:
        wanted = set(keys)
        sources = [int(one) for key in wanted if (one := key.partition("-")[0]).isascii() and one.isdigit()]
        rows = [row for row in self.whole(self.visible(user).filter(source__in=sources)) if key_of(row) in wanted]
        return written(rows, user) if rows else []

    def patient_of(self, row: Any) -> int | None:
        return int(row.source.task.patient_id)
