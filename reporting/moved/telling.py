"""Who signed a report hears when its images are moved away, and when they are back."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from reporting.models import Report, ReportVersion, Signature
from reporting.moved.reading import moved_images
from ris import audit
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.actors import Actor
from ris.notifications.actions import notify
from worklist.models import Study

GONE, BACK = "report.images-moved", "report.images-back"
SUBJECTS = {
    GONE: "Images of a report that you signed were moved away",
    BACK: "Images of a report that you signed are back",
}
TEXTS = {
    GONE: "See whether the report stands: it may be about another patient.",
    BACK: "They belong to its exam again.",
}


def note_changed(study: Study) -> None:
    """What is told of the reports of every exam that ever had it changed too: their images, their warning."""
    procedures = study.links.values("requested_procedure")
    reports = Report.objects.filter(task__requested_procedures__in=procedures)
    Report.objects.filter(pk__in=reports.values("pk")).update(changed_at=timezone.now())


def follow_moves(study: Study, *, by: Actor) -> None:
    """Compare the signed reports of every exam that ever had the study with what was said of them. Safe to repeat."""
    procedures = study.links.values("requested_procedure")
    reports = Report.objects.filter(task__requested_procedures__in=procedures, versions__isnull=False)
    for report_id in reports.order_by("pk").values_list("pk", flat=True).distinct():
        _follow(report_id, study, by=by)


@transaction.atomic
def _follow(report_id: int, study: Study, *, by: Actor) -> None:
    report = Report.objects.select_for_update(of=("self",)).select_related("task__patient", "site").get(pk=report_id)
    said = AuditEvent.objects.filter(
        action__in=(GONE, BACK), target_kind=report._meta.label_lower, target_id=str(report.pk),
        study_uid=study.study_instance_uid,
    ).order_by("pk")  # fmt: skip
    before = said.values_list("action", flat=True).last() or BACK
    now = GONE if any(one.study == study for one in moved_images(report)) else BACK
    if now == before:
        return
    audit.record(now, report, by=by, patient=report.task.patient_id, study_uid=study.study_instance_uid)
    _tell(report, now, occasion=f"{study.pk}/{said.count()}")


def _tell(report: Report, what: str, *, occasion: str) -> None:
    """Whoever signed a version that stands; the newest one's accession numbers name the exam."""
    version = report.newest_in_force
    signed = Signature.objects.filter(version__in=ReportVersion.objects.in_force().filter(report=report))
    ids = {int(pk) for pk in signed.values_list("signer_id", flat=True) if pk.isdecimal()}
    accession = ", ".join(version.accession_numbers) if version else ""
    notify(
        User.objects.filter(pk__in=ids, is_active=True), key=f"images/{report.pk}/{occasion}", site=report.site,
        subject=SUBJECTS[what], text=f"Accession {accession}. {TEXTS[what]}",
        link=reverse("reporting:detail", args=[report.pk]),
    )  # fmt: skip
