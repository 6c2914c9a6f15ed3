"""Signing the chosen ones, one after the other: what stands in the way of one holds up no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.actions.sign import Answers, Proof, require_fresh, sign_report
from reporting.batch.choosing import kind_for, reason_against
from reporting.models import Report, ReportVersion
from reporting.numbers import numbers_of
from ris.accounts.models import User
from ris.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Chosen:
    """A report as its signer chose it: with the revision that the page showed, and the grade where one is asked."""

    report: Report
    revision: int
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    report: Report
    version: ReportVersion | None
    reason: str = ""


def sign_batch(chosen: Sequence[Chosen], *, proof: Proof, by: User) -> list[Outcome]:
    """Sign each that may be signed so; the others with the reason why not. Raises NotPermitted for an old proof."""
    require_fresh(proof)
    return [_signed(one, proof, by) for one in chosen]


def _signed(one: Chosen, proof: Proof, by: User) -> Outcome:
    report = Report.objects.select_related("task__patient__merged_into", "site", "template").get(pk=one.report.pk)
    seen = str(numbers_of(report)["numbers_version"])
    if reason := reason_against(report, by):
        return Outcome(report, None, reason)
    try:
        kind, answers = kind_for(report, by), Answers(grade=one.grade, numbers=seen)
        version = sign_report(report, revision=one.revision, proof=proof, by=by, kind=kind, answers=answers)
    except DomainError as refused:
        return Outcome(report, None, refused.message)
    return Outcome(report, version)
