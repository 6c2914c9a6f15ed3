"""What the page of one exam shows."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from ris.accounts.models import User
from ris.orders.questions import questions_of
from ris.patients.permissions import may_edit
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions.exam import time_out_of
from worklist.exam.record import ContrastGiven, DoseEntry, ExamRule, ReceivedSeries, Remark, Repeat, SideCheck, TimeOut
from worklist.exam.summary import TOLD, told
from worklist.lifecycle import PERFORMED, STUDY
from worklist.lists import fingerprint
from worklist.models import PerformedDose, PerformedSeries, Study
from worklist.rehoming.gone import series_gone

ENTRIES: dict[str, type[Model]] = {
    "time-out": TimeOut, "contrast": ContrastGiven, "repeat": Repeat, "dose": DoseEntry, "remark": Remark,
}  # fmt: skip


def exam_of(step: ScheduledProcedureStep, user: User) -> dict[str, Any]:
    """Everything that the page's template needs."""
    lines = {name: list(rows) for name, rows in _lines(step).items()}
    return {
        "step": step, "requested": step.requested_procedure, "order": step.requested_procedure.order,
        "site": step.site, "time_outs": lines["time-out"], "contrast": lines["contrast"], "repeats": lines["repeat"],
        "doses": lines["dose"], "remarks": lines["remark"], "rule": ExamRule.objects.filter(site=step.site).first(),
        "may_alert": may_edit(user, step.requested_procedure.order.patient),
        **live_part(step),
    }  # fmt: skip


def _lines(step: ScheduledProcedureStep) -> dict[str, Any]:
    return {
        name: model._default_manager.filter(step=step).order_by("at", "pk").select_related(*_related(model))
        for name, model in ENTRIES.items()
    }


def _related(model: type[Model]) -> list[str]:
    names = {field.name for field in model._meta.get_fields()}
    return ["step", *(name for name in ("agent", "alert", "reason") if name in names and model is not Remark)]


def live_part(step: ScheduledProcedureStep) -> dict[str, Any]:
    """What changes by itself: the state, safety, what device and archive say, the side."""
    order, requested = step.requested_procedure.order, step.requested_procedure
    questions = questions_of(order)
    stops = [question.answer for question in questions if question.answer and question.answer.stops]
    studies = Study.objects.filter(links__requested_procedure=requested, links__active=True)
    checks = SideCheck.objects.filter(requested_procedure=requested, study__in=studies, verdict__in=TOLD)
    sides = told(checks.order_by("pk"))
    series = series_rows(step)
    doses = list(PerformedDose.objects.filter(performed__steps=step, performed__wrong_patient=False))
    asked = [(one.kind, one.answer and (one.answer.pk, one.answer.stops)) for one in questions]
    doubts = [(row["check"].pk, row["check"].stops, row["words"]) for row in sides]
    broken_off = reasons_of_device(step)
    seen = [step.state, step.started_at, asked, doubts, series, [dose.pk for dose in doses], broken_off]
    return {
        "step": step, "order": order, "questions": questions, "stops": stops, "sides": sides, "series": series,
        "device_doses": [dose_words(dose) for dose in doses], "time_out": time_out_of(step),
        "broken_off": broken_off,
        "waiting": STEP.within(step, "waiting"), "gone": STEP.within(step, "gone"),
        "may_complete": STEP.allows(step, "complete"), "may_discontinue": STEP.allows(step, "discontinue"),
        "version": fingerprint(seen),
    }  # fmt: skip


def reasons_of_device(step: ScheduledProcedureStep) -> list[str]:
    """Why the device broke off (CID 9300), each attempt in its order; its code where it gives no words."""
    ended = step.performed.filter(state__in=PERFORMED.groups["broken_off"]).order_by("started_at", "pk")
    rows = ended.values_list("discontinuation_meaning", "discontinuation_code")
    return [meaning or code or "no reason given" for meaning, code in rows]


def series_rows(step: ScheduledProcedureStep) -> list[dict[str, Any]]:
    """The device's series beside the archive's: `expected` is None where the device told of none. What was closed as
    another patient's, or moved to their exam, is no part of this one."""
    told = PerformedSeries.objects.filter(performed__steps=step, performed__wrong_patient=False)
    told = told.exclude(series_instance_uid__in=series_gone([step.requested_procedure_id]))
    linked = {"study__links__requested_procedure": step.requested_procedure_id, "study__links__active": True}
    rows_held = ReceivedSeries.objects.filter(**linked, study__state__in=STUDY.groups["readable"])
    held = {row.series_instance_uid: row for row in rows_held}
    rows = []
    for one in told.order_by("performed", "place"):
        row = held.pop(one.series_instance_uid, None)
        rows.append(_series(one.description or one.protocol, one.images, row))
    return rows + [_series("", None, row) for row in held.values()]


def _series(description: str, expected: int | None, row: ReceivedSeries | None) -> dict[str, Any]:
    received = row.images if row else 0
    return {
        "number": row.number if row else None,
        "description": description or (row.description if row else ""),
        "expected": expected,
        "received": received,
        "short": expected is not None and received < expected,
    }


def dose_words(dose: PerformedDose) -> list[str]:
    """What a device reported of its radiation, each in its unit."""
    area = dose.area_dose_product_dgy_cm2
    found = [
        ("dose area product", None if area is None else area / 10, "Gy·cm²"),
        ("entrance dose", dose.entrance_dose_mgy, "mGy"),
        ("fluoroscopy time", dose.fluoroscopy_seconds, "s"),
        ("exposures", dose.exposures, ""),
    ]
    words = [f"{name} {value:g} {unit}".strip() for name, value, unit in found if value is not None]
    return [*words, dose.comments] if dose.comments else words
