"""Whether what was written is about the images that are there now."""

from __future__ import annotations

from django.db.models.functions import Coalesce

from reporting.models import Report
from worklist.models import StudyLink, WrongPatient
from worklist.rehoming.gone import series_gone

PERSON = "requested_procedure__order__patient"


def written_before_closing(report: Report) -> bool:
    """Images that stood under this case when it was saved last were closed since, or taken (workflow.md rule 3)."""
    closed_at = report.task.images_closed_at
    if report.task.held:
        return True
    if closed_at is None:
        return False
    return report.saved_at is None or report.saved_at <= closed_at


def closed_as_anothers(report: Report) -> bool:
    """Whether they were reported as another patient's since the text was saved, or are in another person's exam now.

    Else they were taken out of the exam, or put back into it, and of whom they are nobody has said.
    """
    ever = StudyLink.objects.filter(requested_procedure__reading_tasks=report.task_id)
    said = WrongPatient.objects.filter(study__in=ever.values("study"))
    if report.saved_at is not None:
        said = said.filter(said_at__gte=report.saved_at)
    if said.exists():
        return True
    if series_gone(report.task.requested_procedures.values("pk")):
        return True
    now = StudyLink.objects.filter(active=True, study__in=ever.values("study"))
    now = now.annotate(person=Coalesce(f"{PERSON}__merged_into", PERSON))
    return now.exclude(person=report.task.patient.current.pk).exists()
