"""What stands in the way of a signature, or should be looked at again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reporting.fieldset import printed_value
from reporting.labels import side_measured
from reporting.lifecycle import CLIP
from reporting.models import Report
from reporting.proofreading.facts import Case, Doubt, Entry, Finding, Part
from reporting.proofreading.language import language_of
from reporting.proofreading.roles import role_of
from reporting.proofreading.rules import RULES, doubts
from reporting.reread.others import known_names, numbers_of_others, others_of, own_names
from reporting.reread.record import RuleLevel
from reporting.templates.fields import kind_of, type_of
from reporting.templates.units import convert, convertible


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt with its level at the report's site: "stop" or "warn". `key` names it in an answer."""

    doubt: Doubt
    level: str

    @property
    def key(self) -> str:
        """The same for the same words under the same rule, and for no others."""
        said = "\0".join((self.doubt.rule, self.doubt.section, self.doubt.quote, self.doubt.words))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def remarks(report: Report) -> list[Remark]:
    """Everything that the rules of the report's site have to say, in the order of its sections."""
    case = replace(case_of(report), entries=tuple(_entries(report)))
    return _judged(report, _parts(report), case)


def remarks_on(
    report: Report, texts: Sequence[dict[str, Any]], *, fields: bool = False, writer: str = ""
) -> list[Remark]:
    """The same for an addendum or a correction, given as {"title", "text"}; with `fields`, for those of the report too:
    an addendum has none. `writer`: the id of whoever writes it.
    """
    known = {item["title"]: item["key"] for item in report.sections}
    own = {item["key"]: item for item in report.sections}
    keyed = [(item.get("key") or known.get(item["title"], item["title"]), item) for item in texts]
    parts = [Part(key, item["title"], item["text"], role_of(own.get(key, item))) for key, item in keyed]
    language = language_of(" ".join(part.text for part in parts))
    case = replace(case_of(report, writer), language=language, untyped=frozenset(), unchecked=frozenset())
    case = replace(case, entries=tuple(_entries(report)) if fields else ())
    return _judged(report, parts, case)


def _judged(report: Report, parts: list[Part], case: Case) -> list[Remark]:
    own = dict(RuleLevel.objects.filter(site_id=report.site_id).values_list("rule", "level"))
    levels = {rule.key: rule.level if rule.fixed else own.get(rule.key, rule.level) for rule in RULES}
    numbers = numbers_of_others(report, [*(part.text for part in parts), *(entry.text for entry in case.entries)])
    return [Remark(doubt, levels[doubt.rule]) for doubt in doubts(parts, replace(case, others_numbers=numbers))]


def _parts(report: Report) -> list[Part]:
    texts = report.content["sections"]
    return [Part(item["key"], item["title"], texts.get(item["key"], ""), role_of(item)) for item in report.sections]


def case_of(report: Report, writer: str = "") -> Case:
    """The order's side and body part, the patient's sex, the fields that say something is there, and whose names do
    not belong there. `writer`: of what is added, where it is not the draft.
    """
    others = others_of(report, writer)
    requested = list(report.task.requested_procedures.select_related("procedure"))
    sides = {item.laterality for item in requested}
    regions = {item.procedure.body_part for item in requested}
    text = " ".join(report.content["sections"].values())
    return Case(
        side=sides.pop() if len(sides) == 1 else "",
        region=regions.pop().upper() if len(regions) == 1 else "",
        sex=report.task.patient.current.sex,
        language=language_of(text),
        findings=tuple(_findings(report)),
        untyped=_dictated(report, "queue"),
        unchecked=_dictated(report, "unchecked"),
        own=own_names(report),
        others=others,
        known=known_names(report, others),
    )


def _dictated(report: Report, group: str) -> frozenset[str]:
    return frozenset(report.clips.filter(state__in=CLIP.groups[group]).values_list("section", flat=True))


def _entries(report: Report) -> Iterator[Entry]:
    """The fields that hold something; a box that is not ticked, and what the RIS fills in itself, say nothing."""
    held, own = report.content["fields"], {item["key"]: item for item in report.sections}
    for spec in report.template.fields:
        value = held.get(spec["key"]) or {}
        text = printed_value(spec, value)
        if text and value.get("value") is not False and not spec.get("merge"):
            section, site = str(spec.get("section", "")), str(value.get("site") or "")
            of, is_typed = own.get(section, {"key": section, "title": ""}), type_of(spec) == "text"
            side, role = side_measured(value), role_of(of)
            yield Entry(section, of["title"], spec["label"], text, side, site, is_typed, role)


def _findings(report: Report) -> Iterator[Finding]:
    held = report.content["fields"]
    for spec in report.template.fields:
        value = held.get(spec["key"])
        if spec.get("merge"):
            continue  # an age or a day is no finding
        if kind_of(value) and says_that_it_is_there(spec, (value or {}).get("value")):
            yield Finding(
                label=spec["label"],
                names=tuple(spec.get("names") or [spec["label"]]),
                side=side_measured(value or {}),
                size_mm=_millimetres(value or {}),
            )


def says_that_it_is_there(spec: dict[str, Any], value: Any) -> bool:
    """A measure above nothing, a ticked box, a choice that the template calls abnormal."""
    if type_of(spec) == "checkbox":
        return value is True
    if type_of(spec) == "select":
        return any(option["value"] == value and option.get("abnormal") for option in spec.get("options") or [])
    return type_of(spec) == "number" and isinstance(value, int | float) and value > 0


def _millimetres(value: dict[str, Any]) -> float | None:
    unit, number = str(value.get("unit", "")), value.get("value")
    return convert(number, unit, "mm") if isinstance(number, int | float) and convertible(unit, "mm") else None
