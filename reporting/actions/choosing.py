"""What the radiologist decides about a measured field: which number, and which earlier one is of the same lesion."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from reporting.actions.holding import locked_draft
from reporting.candidates import rank
from reporting.earlier import NOBODY, earlier_of
from reporting.models import Report
from reporting.prefill import filable, measurements_of, prefill
from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput

SIGNED = "This report is signed; its numbers stay as they were signed."


@transaction.atomic
def choose_measurement(report: Report, key: str, identity: str, *, by: User) -> Report:
    """Put one of the candidates into a field; "" leaves the choice to the best one again.

    A number with a doubt that nobody can settle by looking (a wrong unit, a contradiction) is refused in words.
    Raises NotPermitted, TransitionError, InvalidInput.
    """
    report = locked_draft(report, by=by, signed=SIGNED)
    spec = _spec(report, key)
    if identity:
        _require_choosable(report, spec, identity)
    choices = {name: one for name, one in report.content.get("choices", {}).items() if name != key}
    fields = {**report.content["fields"], key: None}
    report.content = {**report.content, "choices": choices | ({key: identity} if identity else {}), "fields": fields}
    prefill(report)
    _write(report, {**report.content, "marks": _without(report, "marks", key)})
    audit.record("measurement.chosen", report, by=by, patient=report.task.patient_id, field=key, measurement=identity)
    return report


@transaction.atomic
def choose_earlier(report: Report, key: str, identity: str, *, by: User) -> Report:
    """Say which earlier number is of the same lesion; "none" that there is none, "" that the RIS may match again."""
    report = locked_draft(report, by=by, signed=SIGNED)
    _spec(report, key)
    if identity not in ("", NOBODY) and identity not in {row.identity for row, _day in earlier_of(report)}:
        raise InvalidInput("That earlier measurement is not there any more. Look again.", fields={key: "Not there."})
    known = _without(report, "earlier", key)
    _write(report, {**report.content, "earlier": known | ({key: identity} if identity else {})})
    audit.record("measurement.compared", report, by=by, patient=report.task.patient_id, field=key, earlier=identity)
    return report


@transaction.atomic
def see_mark(report: Report, key: str, *, by: User) -> Report:
    """The writer saw that a number changed or went away."""
    report = locked_draft(report, by=by, signed=SIGNED)
    _write(report, {**report.content, "marks": _without(report, "marks", key)})
    audit.record("measurement.seen", report, by=by, patient=report.task.patient_id, field=key)
    return report


def _spec(report: Report, key: str) -> dict[str, Any]:
    found = next((spec for spec in filable(report) if spec["key"] == key), None)
    if found is None:
        raise InvalidInput("The template has no such measured field.", fields={key: "No such field."})
    return found


def _require_choosable(report: Report, spec: dict[str, Any], identity: str) -> None:
    one = next((one for one in rank(spec, measurements_of(report)) if one.row.identity == identity), None)
    if one is None:
        raise InvalidInput("That measurement is not there any more. Look again.", fields={spec["key"]: "Not there."})
    if not one.choosable:
        raise InvalidInput(f"This number cannot be used: {one.why}. Measure again.", fields={spec["key"]: one.why})


def _without(report: Report, name: str, key: str) -> dict[str, Any]:
    return {one: value for one, value in report.content.get(name, {}).items() if one != key}


def _write(report: Report, content: dict[str, Any]) -> None:
    report.content = content
    report.save(update_fields=["content"])
