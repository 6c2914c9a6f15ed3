"""Earlier reports of a case's patient, those that matter for the case first, and what they are quoted as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reporting.models import Report, ReportVersion
from ris.accounts.models import User
from worklist.models import ReadingTask
from worklist.priors.earlier import Earlier, priors_of

SECTION = "comparison"
SHOWN = 6
NAMED = 3


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier exam with the newest version of its report. `source`: what stands before a copied section."""

    exam: Earlier
    version: ReportVersion
    source: str

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The addenda, newest first, and the sections; each {"title", "text"}."""
        content = self.version.content
        added = [
            {"title": f"Addendum {one['number']}, {one['signer']}", "text": one["text"]}
            for one in reversed(content.get("addenda", []))
        ]
        said = [section for section in content["sections"] if section["text"].strip()]
        return [*added, *said]


def previous_of(report: Report, user: User) -> list[Previous]:
    """The reports of the person's earlier exams that `user` may read; of other cases only."""
    by_report: dict[int, Earlier] = {}
    for exam in priors_of(report.task, user):
        for report_id in exam.report_ids:
            if report_id != report.pk:
                by_report.setdefault(report_id, exam)
    versions = ReportVersion.objects.have_left().filter(report__in=Report.objects.visible_to(user))
    versions = versions.filter(report_id__in=by_report)
    newest = {version.report_id: version for version in versions.select_related("signature").order_by("number")}
    ordered = [key for key in by_report if key in newest]
    return [Previous(by_report[key], newest[key], source_of(newest[key])) for key in ordered[:SHOWN]]


def source_of(version: ReportVersion) -> str:
    """ "From the report of 2026-01-02, Dr. Rita Radiologist": the day on the clock of its site, and who signed."""
    return f"From the report of {version.content['signed_at'][:10]}, {version.signature.signer_name}"


def compared_with(task: ReadingTask, user: User) -> str:
    """The comparison section of a new report: the relevant earlier exams by name and day; "" when there are none."""
    exams = [exam for exam in priors_of(task, user) if exam.is_relevant and exam.day]
    named = [f"{f'{exam.side} ' if exam.side else ''}{exam.name} of {exam.day}" for exam in exams[:NAMED]]
    words = "; ".join(named)
    return f"{words[:1].upper()}{words[1:]}." if words else ""
