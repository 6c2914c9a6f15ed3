"""The fields that the exam's own data fill, for as long as no writer types over them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from reporting.models import Report
from reporting.templates.fields import Held, kind_of
from reporting.templates.values import typed
from ris.patients.ages import age_between
from ris.patients.names import readable

MERGED = "merged"
PARTS = ("value", "unit", "text")


def merge(report: Report, fields: Mapping[str, Held | None]) -> dict[str, Held | None]:
    """All fields; those that ask for the exam's data hold it as it is now, unless somebody typed into them."""
    asking = [spec for spec in report.template.fields if spec.get("merge")]
    free = [spec for spec in asking if kind_of(fields.get(spec["key"])) in ("", MERGED)]
    if not free:
        return dict(fields)
    facts = facts_of(report)
    found: dict[str, Held | None] = {}
    for spec in free:
        held = typed(spec, facts.get(spec["merge"], "") or spec.get("default", ""), by="", at="")
        found[spec["key"]] = None
        if held and "fault" not in held:
            found[spec["key"]] = {"kind": MERGED, **{part: held[part] for part in PARTS}}
    return {**fields, **found}


def facts_of(report: Report) -> dict[str, str]:
    """By source (reporting.templates.merging.SOURCES); "" for what nobody knows."""
    task, site = report.task, report.site
    patient, number = task.patient.current, task.patient.current.identifier_at(site)
    exams = list(task.requested_procedures.select_related("procedure", "order"))
    order, taken = exams[0].order, _taken_at(report)
    return {
        "patient-name": patient.display_name,
        "patient-number": number.value if number else "",
        "birth-date": patient.birth_date.isoformat() if patient.birth_date else "",
        "age": age_between(patient.birth_date, taken.date()) if patient.birth_date and taken else "",
        "sex": patient.get_sex_display(),
        "accession": ", ".join(dict.fromkeys(one.accession_number for one in exams)),
        "procedure": ", ".join(dict.fromkeys(one.description for one in exams)),
        "exam-date": f"{taken:%Y-%m-%d}" if taken else "",
        "exam-time": f"{taken:%H:%M}" if taken else "",
        "referrer": readable(order.referrer_name),
        "indication": order.clinical_question or order.reason,
        "site": site.name,
    }


def _taken_at(report: Report) -> datetime | None:
    """When the first of the case's studies was made, by the clock of its device; None when it does not say."""
    rows = report.task.studies().order_by("first_seen_at", "pk").values_list("study_date", "study_time")
    for day, time in rows:
        try:
            return datetime.strptime(f"{day}{time[:4] or '0000'}", "%Y%m%d%H%M")  # noqa: DTZ007  as the device says it
        except ValueError:
            continue
    return None
