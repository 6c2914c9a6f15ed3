"""DiagnosticReport as reporting has it, and the Binary of its PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import QueryDict

from reporting.document import addenda_of, amended, carried
from reporting.lifecycle import REPORT
from reporting.models import Artifact, Report, ReportVersion
from reporting.moved.reading import without_their_images
from reporting.proofreading.roles import role_of
from ris import audit
from ris.accounts.models import User
from ris.fhir.house import house
from ris.fhir.mapping.datatypes import LOINC, Json
from ris.fhir.mapping.diagnostic_report import CATEGORIES, STATUSES, PdfFacts, ReportFacts, diagnostic_report
from ris.fhir.resources.quoted import Result, filled, results_of, said_of
from ris.fhir.resources.requests import accessioned, issued, procedure_facts, visit_of
from ris.fhir.resources.requests import coded as examined
from ris.fhir.resources.station import RowStation
from ris.fhir.resources.whose import Holders, holders_of
from ris.fhir.search.parameters import Always, Code, Key, Moment, Person, Reference, Token
from ris.fhir.search.values import Wrong
from ris.orders.models import RequestedProcedure
from worklist.models import Study, StudyLink

INLINE = "_presentedForm"


@dataclass(frozen=True, slots=True)
class Images:
    """Of the reports of a page: ImagingStudies by requested procedure, as far as the person may see them; whose images
    the numbers were measured on; which reports have lost images since they were signed."""

    studies: Mapping[int, list[int]]
    holders: Mapping[str, Holders]
    moved: set[int]

    @classmethod
    def of(cls, rows: list[Any], user: User) -> Images:
        uids = {one.study_instance_uid for row in rows for one in row.task.stored_objects.all()}
        return cls(_studies(rows, user), holders_of(uids), without_their_images(rows))


def facts_of(row: Any, images: Images, body: bytes | None) -> ReportFacts:
    requests = list(row.task.requested_procedures.all())
    version = row.newest[0] if row.newest else None
    said = said_of(row)
    return ReportFacts(
        key=row.pk,
        state=row.outward_state,
        patient=row.task.patient.current_id,
        requests=[one.pk for one in requests],
        accessions=list(dict.fromkeys((one.accession_issuer, one.accession_number) for one in requests)),
        studies=list(dict.fromkeys(study for one in requests for study in images.studies.get(one.pk, []))),
        results=results_of(row, images.holders),
        procedures=[procedure_facts(one.procedure) for one in requests],
        examined_at=row.task.exam_at,
        issued_at=row.issued_at if version else None,
        changed_at=row.changed_at,
        signer=_signer(version),
        conclusion=_conclusion(row, said),
        sections=_narrated(said),
        pdf=_pdf(row, version, body),
        visit=visit_of(requests),
        moved=row.pk in images.moved,
    )


def _sections(version: ReportVersion | None) -> list[dict[str, Any]]:
    return version.content.get("sections", []) if version else []


def _narrated(version: ReportVersion | None) -> list[tuple[str, str]]:
    """As the page has it: addenda above what they add to, or below a correction; each section with its fields."""
    found = [(one.title, one.text) for one in amended(version.content)] if version else []
    for section in _sections(version):
        fields = [f"{field['label']}: {field['text']}" for field in section.get("fields", [])]
        found.append((section["title"], "\n".join([section["text"], *fields]).strip()))
    found += [(one.title, one.text) for one in carried(version.content)] if version else []
    return [(title, text) for title, text in found if text]


def _conclusion(row: Report, version: ReportVersion | None) -> str:
    """The impression with what was added to it, in the page's order: who reads nothing else must not miss it.

    By what the template's section is for; by its title in what was signed before sections had keys.
    """
    own = {one["key"]: one for one in row.template.sections}
    titles = {one["title"] for one in own.values() if role_of(one) == "impression"}
    added = [f"{one.title}:\n{one.text}" for one in addenda_of(version.content)] if version else []
    said = _sections(version)
    meant = [one for one in said if "key" not in one or role_of(own.get(one["key"], one)) == "impression"]
    impression = [one["text"] for one in meant if "key" in one or one["title"] in titles]
    after = version is not None and carried(version.content)
    return "\n\n".join(text for text in ([*impression, *added] if after else [*added, *impression]) if text)


def _signer(version: ReportVersion | None) -> str:
    signature = getattr(version, "signature", None) if version else None
    return signature.signer_name if signature else ""


def _pdf(row: Report, version: ReportVersion | None, body: bytes | None) -> PdfFacts | None:
    """Of a withdrawn report nothing is presented: what it said was wrong."""
    papers = list(version.papers) if version and not REPORT.within(row, "withdrawn") else []  # type: ignore[attr-defined]
    if version is None or not papers:
        return None
    return PdfFacts(
        version=version.pk, name=f"report-{row.pk}-v{version.number}.pdf", size=papers[0].size,
        made_at=papers[0].created_at, body=body,
    )  # fmt: skip


def written(rows: Iterable[Any], user: User) -> list[Json]:
    rows = list(rows)
    images = Images.of(rows, user)
    return [diagnostic_report(facts_of(row, images, None), house()) for row in rows]


def _studies(rows: list[Any], user: User) -> dict[int, list[int]]:
    requests = {one.pk for row in rows for one in row.task.requested_procedures.all()}
    links = StudyLink.objects.filter(active=True, requested_procedure__in=requests)
    links = links.filter(study__in=Study.objects.listed_for(user).values("pk")).order_by("pk")
    found: dict[int, list[int]] = {}
    for request, study in links.values_list("requested_procedure_id", "study_id"):
        found.setdefault(request, []).append(study)
    return found


def coded(system: str | None, value: str) -> Q:
    if value == "18748-4" and system in (None, LOINC):
        return Q(pk__gt=0)
    rows = RequestedProcedure.objects.filter(examined(system, value))
    return Q(task__requested_procedures__in=rows.values("pk"))


def numbered(system: str | None, value: str) -> Q:
    """By the accession number of an exam that it answers."""
    rows = RequestedProcedure.objects.filter(accessioned(system, value))
    return Q(task__requested_procedures__in=rows.values("pk"))


def of_system(system: str) -> Q:
    rows = RequestedProcedure.objects.filter(issued(system))
    return Q(task__requested_procedures__in=rows.values("pk"))


# `amended` has its children with it, as a client of another house may know only the parent.
CODES = {code: [ours] for ours, code in STATUSES.items()} | {"amended": ["corrected", "appended"]}


class ReportStation(RowStation):
    type = "DiagnosticReport"
    needs = "report.view"
    what = (
        "Reports of your sites; unsigned ones (registered) for those who write reports only. `presentedForm` names the "
        f"signed PDF; a read with `?{INLINE}=data` has its bytes too. status=amended finds corrected and appended ones."
    )
    model = Report
    opened = "report.viewed"
    parameters = (
        Key(name="_id", what="The id."),
        Moment(
            name="_lastUpdated", what="When what is told of it last changed: ask by it for what is new.",
            field="changed_at", sorts=("changed_at",),
        ),
        Person(name="patient", what="Whom it is about.", field="task__patient", element="subject"),
        Person(name="subject", what="The same as patient.", field="task__patient", element="subject"),
        Reference(
            name="based-on", what="What it answers.", field="task__requested_procedures",
            targets=("ServiceRequest",), element="basedOn",
        ),
        Code(
            name="status", what="State.", field="told_as", codes=CODES, others=("partial", "cancelled", "unknown"),
        ),
        Token(
            name="identifier", what="Accession number of an exam that it answers.", test=numbered, whole=of_system,
        ),
        Always(name="category", what="Radiology.", codes=tuple((system, code) for system, code, _ in CATEGORIES)),
        Token(name="code", what="LOINC 18748-4, or what was examined, as a ServiceRequest's.", test=coded),
        Moment(
            name="date", what="When the patient was examined.", field="task__exam_at", sorts=("task__exam_at",),
        ),
        Moment(
            name="issued", what="When what it shows left: was signed, or released where it waited.", field="issued_at",
            sorts=("issued_at",),
        ),
        Result(name="result", what="A number that it quotes.", field="pk", targets=("Observation",), element="result"),
    )  # fmt: skip
    write = written

    def visible(self, user: User) -> models.QuerySet[Any]:
        """As those outside are told: what is signed and waits leaves by no door; what was before it stays."""
        waits = Q(held_until__isnull=False)
        return Report.objects.visible_to(user).exclude(waits & ~Q(held_from__in=REPORT.groups["shown"])).told()

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return filled(rows)

    def patient_of(self, row: Any) -> int | None:
        return int(row.task.patient_id)

    def write_one(self, row: Any, user: User, options: QueryDict) -> Json:
        return diagnostic_report(facts_of(row, Images.of([row], user), self._body(row, user, options)), house())

    def _body(self, row: Any, user: User, options: QueryDict) -> bytes | None:
        """The bytes of the PDF, where they were asked for; that they left is recorded."""
        if INLINE not in options:
            return None
        if options[INLINE] != "data":
            raise Wrong(INLINE, "Only `data` can be asked for.")
        artifact = Artifact.objects.filter(version__in=row.newest, kind="pdf").first()
        if artifact is None:
            return None
        audit.record("report.printed", row, by=user, patient=row.task.patient_id)
        return bytes(artifact.body)
