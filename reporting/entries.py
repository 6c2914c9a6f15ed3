"""What a writer does to the fields of a report, beside its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from reporting.merged import merge
from reporting.models import Report, ReportTemplate
from reporting.templates.computed import compute
from reporting.templates.fields import Held, Spec, kind_of, type_of
from reporting.templates.values import typed
from ris.core.errors import InvalidInput
from ris.core.texts import fault_of_text

if TYPE_CHECKING:
    from ris.accounts.models import User


@dataclass(frozen=True, slots=True)
class FieldChanges:
    """By field key: what was typed; which measured ones were left out; which are to be taken in again."""

    typed: Mapping[str, str] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()

    @property
    def may_free(self) -> bool:
        """Whether a measurement may fill a field again after this."""
        return bool(self.restored) or any(not text.strip() for text in self.typed.values())


def begun(template: ReportTemplate, by: User) -> dict[str, Held | None]:
    """The fields of a new report: empty, or with what the template begins them with; the exam fills its own later."""
    at = timezone.now().isoformat()
    fields = {
        spec["key"]: None if spec.get("merge") else typed(spec, spec.get("default", ""), by=by.display, at=at)
        for spec in template.fields
    }
    return compute(template.fields, fields)


def entered(report: Report, changes: FieldChanges, *, by: User) -> dict[str, Held | None]:
    """The fields after the changes, computed ones done again; raises InvalidInput for a field that is not there."""
    specs: dict[str, Spec] = {spec["key"]: spec for spec in report.template.fields}
    fields: dict[str, Held | None] = dict(report.content["fields"])
    require_typable(specs, changes.typed)
    at = timezone.now().isoformat()
    for key, text in changes.typed.items():
        fields[key] = typed(specs[key], text, by=by.display, at=at)
    for key in changes.removed & fields.keys():
        fields[key] = {"removed": True}
    for key in changes.restored & fields.keys():
        if (fields[key] or {}).get("removed"):
            fields[key] = None
    return compute(report.template.fields, merge(report, fields))


def require_typable(specs: Mapping[str, Spec], texts: Mapping[str, str]) -> None:
    """Raise InvalidInput for a field that is none, or is computed, and for characters that no text may hold."""
    faults = {key: "The template has no such field." for key in texts if key not in specs}
    faults |= {key: "This is computed from other fields." for key in texts if type_of(specs.get(key, {})) == "computed"}
    faults |= {key: fault for key, text in texts.items() if (fault := fault_of_text(text))}
    if faults:
        raise InvalidInput("The draft was not saved.", fields=faults)


def faults_of(report: Report) -> dict[str, str]:
    """By field key: what is not a value yet, and what the template asks for and is not there."""
    faults: dict[str, str] = {}
    for spec in report.template.fields:
        held: dict[str, Any] | None = report.content["fields"].get(spec["key"])
        if held and held.get("fault"):
            faults[spec["key"]] = str(held["fault"])
        elif spec.get("required") and not kind_of(held):
            faults[spec["key"]] = "This is needed."
    return faults


def label_of(report: Report, key: str) -> str:
    return next((str(spec["label"]) for spec in report.template.fields if spec["key"] == key), key)
