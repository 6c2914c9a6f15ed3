"""Earlier reports of a case's patient, those that matter for the case first, and what they are quoted as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reporting.models import Report, ReportVersion
from reporting.render.exam_words import ExamWords, exam_words
from ris.accounts.models import User
from worklist.models import ReadingTask
from worklist.priors.earlier import Earlier, priors_of

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
    said = exam_words(report.template.language)
    return [Previous(by_report[key], newest[key], source_of(newest[key], said)) for key in ordered[:SHOWN]]


def source_of(version: ReportVersion, said: ExamWords) -> str:
    """ "From the report of 2026-01-02, Dr. Rita Radiologist": the day on the clock of its site, and who signed."""
    return said.copied_from.format(day=version.content["signed_at"][:10], signer=version.signature.signer_name)


def compared_with(task: ReadingTask, user: User, language: str) -> str:
    """The comparison section of a new report: the relevant earlier exams by name and day; "" when there are none."""
    said = exam_words(language)
    exams = [exam for exam in priors_of(task, user) if exam.is_relevant and exam.day]
    words = "; ".join(said.compared.format(exam=_named(exam, said), day=exam.day) for exam in exams[:NAMED])
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _named(exam: Earlier, said: ExamWords) -> str:
    side = said.sides.get(exam.side, exam.side)
    return said.of_a_side.format(side=side, exam=exam.name) if side else exam.name
