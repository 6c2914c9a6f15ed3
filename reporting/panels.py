"""What reporting shows in the patient file."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from reporting.lifecycle import REPORT
from reporting.models import Artifact, Report, ReportVersion
from reporting.moved.reading import without_their_images
from reporting.printing.actions import UNDER_REVIEW
from reporting.printing.sheaf import sheaf
from reporting.publish.hidden import hidden_series, own_series
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.panels import Panel
from ris.patients.models import Patient
from worklist.models import ReadingTask, Study, StudyLink

CHANGES: Final = ("report.signed", "report.released", "report.addended", "report.corrected", "report.withdrawn")
"""What the audit trail says when a version is made or leaves."""


def prior_reports(procedures: list[int], user: User) -> list[dict[int, int]]:
    """Which of these requested procedures have a signed report that the user may read: {procedure: report}."""
    states = REPORT.groups["signed"]
    signed = Report.objects.visible_to(user).filter(Q(state__in=states) | Q(held_from__in=states))
    rows = signed.filter(task__requested_procedures__in=procedures).order_by("pk")
    return [dict(rows.values_list("task__requested_procedures", "pk"))]


def signed_reports(procedures: list[int]) -> list[tuple[str, bytes]]:
    """The newest signed PDF of each report that answers these procedures; a withdrawn report is not among them.

    One that lost images since has its mark on each page, and no signature.
    """
    current = Report.objects.released().filter(task__requested_procedures__in=procedures)
    versions = ReportVersion.objects.have_left().filter(report__in=current.values("pk"))
    versions = versions.exclude(kind__in=["preliminary", "withdrawal"])
    newest = {version.report_id: version for version in versions.order_by("number")}
    pdfs = Artifact.objects.filter(version__in=newest.values(), kind="pdf").order_by("version__report_id")
    doubtful = without_their_images(current)
    marked = [
        sheaf([(bytes(pdf.body), UNDER_REVIEW)]) if pdf.version.report_id in doubtful else bytes(pdf.body)
        for pdf in pdfs.select_related("version")
    ]
    return [(f"REPORT{number}.PDF", body) for number, body in enumerate(marked, start=1)]


def changed_reports(procedures: list[int], since: datetime) -> list[int]:
    """Reports that answer these procedures and of which a version was signed or left after `since`."""
    keys = Report.objects.filter(task__requested_procedures__in=procedures).values_list("pk", flat=True).distinct()
    told = AuditEvent.objects.filter(
        target_kind=Report._meta.label_lower, target_id__in=[str(key) for key in keys], action__in=CHANGES,
        outcome="success", at__gte=since,
    )  # fmt: skip
    return sorted({int(key) for key in told.values_list("target_id", flat=True)})


def versions_in_force(keys: list[int]) -> list[dict[int, bool]]:
    """Which of these versions were neither recalled nor withdrawn with their report, and whether each has left."""
    standing = ReportVersion.objects.in_force().exclude(report__state__in=REPORT.groups["withdrawn"])
    left = set(ReportVersion.objects.have_left().filter(pk__in=keys).values_list("pk", flat=True))
    return [{key: key in left for key in standing.filter(pk__in=keys).values_list("pk", flat=True)}]


def states_told(cases: list[int]) -> list[dict[int, str]]:
    """What the report of a case is for others, where that is not what it is here: {case: state}."""
    waiting = Report.objects.filter(task__in=cases).exclude(held_from="")
    return [dict(waiting.values_list("task_id", "held_from"))]


def reports_of_studies(uids: list[str]) -> list[tuple[str, str, str]]:
    """Reports that were written of these studies, whose ever they are by now: (study, kind and id as audited)."""
    label = Report._meta.label_lower
    linked = StudyLink.objects.filter(study__study_instance_uid__in=uids).values_list(
        "study__study_instance_uid", "requested_procedure__reading_tasks__reports"
    )
    signed = ReportVersion.objects.filter(study_instance_uid__in=uids).values_list("study_instance_uid", "report")
    return [(uid, label, str(key)) for uid, key in {*linked, *signed} if key is not None]


def series_not_shown(study: Study) -> list[str]:
    """Series of documents in the archive that nobody is shown, and nobody is handed, any more."""
    return sorted(hidden_series([study.pk]).get(study.pk, frozenset()))


def series_of_reports(study: Study) -> list[str]:
    """Series that reports have put into a study: they are of its exam, whosever the images are."""
    return sorted(own_series(study.pk))


def draft_text(task: ReadingTask) -> list[tuple[str, str]]:
    """What stands in a case's report so far: title and text of each section."""
    report = Report.objects.filter(task=task).select_related("template").order_by("-pk").first()
    if report is None:
        return []
    texts = report.content["sections"]
    return [(item["title"], str(texts.get(item["key"], ""))) for item in report.sections]


def report_facts(task: ReadingTask) -> list[dict[str, Any]]:
    """Who signed the newest version of a case's report, when, and whether its PDF stands in the archive."""
    versions = ReportVersion.objects.in_force().filter(report__task=task).order_by("-report_id", "-number")
    newest = versions.select_related("report", "signature", "publication").first()
    if newest is None:
        return []
    signature, publication = getattr(newest, "signature", None), getattr(newest, "publication", None)
    by, when = (signature.signer_name, signature.signed_at) if signature else ("", newest.created_at)
    if newest.kind == "preliminary":
        return [{"preliminary_by": by, "preliminary_at": when}]
    return [
        {
            "signed_by": by,
            "signed_at": when,
            "leaves_at": newest.report.held_until if newest.number == newest.report.held_number else None,
            "archive": publication.archive_state if publication else "pending",
            "archived_at": publication.archived_at if publication else None,
        }
    ]


def patient_reports(patient: Patient, user: User) -> list[Panel]:
    """The person's signed reports that the user may read, latest first."""
    if not user.may("report.view", None):
        return []
    family = Patient.objects.family(patient)
    signed = Report.objects.visible_to(user).filter(task__patient__in=family, versions__isnull=False).distinct()
    reports = signed.select_related("template", "site").order_by("-pk")[:50]
    if not reports:
        return []
    about = {"reports": reports, "without_images": without_their_images(reports)}
    return [Panel("Reports", "reporting/_patient_reports.html", about)]
