"""Which template a case begins with: the rules of the database, put to the pure table."""

from __future__ import annotations

from reporting.library import ReportTemplate, TemplateRule
from reporting.templates.choice import Case, Exam, Rule, choose, ranked
from ris.accounts.models import User
from ris.core.errors import NotFound
from ris.orders.models import Procedure
from worklist.models import ReadingTask

NONE = "There is no report template for this exam. An administrator can publish one under Report templates."


def template_for(task: ReadingTask, by: User) -> ReportTemplate:
    """The published version of the template that the most specific rule names; raises NotFound."""
    case = case_of(task, by)
    key = choose(rules_for(procedures_of(task)), case)
    found = ReportTemplate.objects.published().filter(key=key).first() if key else None
    if found is None:
        raise NotFound(NONE)
    return found


def why(task: ReadingTask, by: User) -> list[Rule]:
    """All rules that speak for a case, the one that wins first."""
    return ranked(rules_for(procedures_of(task)), case_of(task, by))


def procedures_of(task: ReadingTask) -> list[Procedure]:
    return [requested.procedure for requested in task.requested_procedures.select_related("procedure")]


def case_of(task: ReadingTask, by: User) -> Case:
    exams = tuple(Exam(item.code, item.modality, item.body_part) for item in procedures_of(task))
    held = frozenset(ReportTemplate.objects.published().values_list("key", flat=True))
    return Case(exams, site=str(task.site_id), radiologist=str(by.pk), held=held)


def rules_for(procedures: list[Procedure]) -> list[Rule]:
    """What the admin wrote; what a procedure names; and what each published template says it is for."""
    of_procedures = [Rule(item.template_key, procedure=item.code) for item in procedures if item.template_key]
    of_templates = [
        Rule(key, modality=modality, body_part=body_part)
        for key, modality, body_part in ReportTemplate.objects.published().values_list("key", "modality", "body_part")
    ]
    return [*_written(), *of_procedures, *of_templates]


def _written() -> list[Rule]:
    return [
        Rule(
            row.template_key,
            procedure=row.procedure.code if row.procedure else "",
            modality=row.modality,
            body_part=row.body_part,
            site=str(row.site_id or ""),
            radiologist=str(row.radiologist_id or ""),
        )
        for row in TemplateRule.objects.select_related("procedure")
    ]
