"""Exams that nobody ended, and studies that stand under the wrong name: what their lists show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from ris.accounts.models import User
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep, StepQuerySet
from worklist.attention.openings import openings_of
from worklist.exam.record import Remark
from worklist.lifecycle import PERFORMED, READING
from worklist.models import ReadingTask, Study, WrongPatient

LONG: Final = timedelta(hours=3)
SHOWN: Final = 200


def unclosed_steps(user: User) -> StepQuerySet:
    """Begun more than three hours ago and not over, at the sites where the user performs exams; oldest first."""
    rows = ScheduledProcedureStep.objects.filter(
        site__in=user.sites_where("step.perform"), state__in=STEP.groups["begun"]
    )
    # A step of before the times were written down says only when it changed last.
    since = Coalesce("started_at", "changed_at")
    return rows.filter(models.lookups.LessThan(since, timezone.now() - LONG)).order_by(since, "pk")


def unclosed_rows(user: User) -> dict[str, Any]:
    """The list with the person, the device, how many images there are and what the device said last."""
    about = ("site", "node", "requested_procedure__order__patient__merged_into", "requested_procedure__procedure")
    steps = list(unclosed_steps(user).select_related(*about).prefetch_related("performed")[:SHOWN])
    images = _images_of(step.requested_procedure_id for step in steps)
    return {"rows": [_unclosed(step, images) for step in steps], "hours": LONG // timedelta(hours=1), "shown": SHOWN}


def grown_tasks(user: User) -> models.QuerySet[ReadingTask]:
    """Cases that were read, at least preliminarily, and got images since, where the user reads; latest first."""
    rows = ReadingTask.objects.filter(site__in=user.sites_where("report.write"), state__in=READING.groups["signed"])
    return rows.filter(images_added_at__isnull=False).order_by("-images_added_at", "pk")


def grown_rows(user: User) -> list[ReadingTask]:
    found = grown_tasks(user).select_related("patient__merged_into", "site", "claimed_by")
    return list(found.prefetch_related("requested_procedures__procedure")[:SHOWN])


def wrong_rows(user: User) -> list[dict[str, Any]]:
    """What waits for a person, latest first, each with everybody who had it open before."""
    about = ("site", "study", "step__requested_procedure__order__patient__merged_into", "performed__node")
    waiting = list(WrongPatient.objects.visible_to(user).waiting().select_related(*about)[:SHOWN])
    opened = openings_of([row.study_instance_uid for row in waiting])
    return [{"row": row, "openings": opened.get(row.study_instance_uid, [])} for row in waiting]


def incidents_for(user: User) -> models.QuerySet[Remark]:
    """What technologists recorded as incidents at the sites that the user manages, newest first."""
    rows = Remark.objects.filter(kind="incident", step__site__in=user.sites_where("site.manage"))
    return rows.select_related("step__site").order_by("-at")


def _images_of(procedures: Iterable[int]) -> dict[int, int]:
    linked = Study.objects.filter(links__requested_procedure__in=list(procedures), links__active=True)
    counted = linked.order_by().values_list("links__requested_procedure").annotate(n=models.Sum("instance_count"))
    return {int(procedure): int(count) for procedure, count in counted}


def _unclosed(step: ScheduledProcedureStep, images: dict[int, int]) -> dict[str, Any]:
    running = [one for one in step.performed.all() if PERFORMED.within(one, "running") and not one.wrong_patient]
    return {
        "step": step,
        "patient": step.requested_procedure.order.patient.current,
        "since": step.started_at or step.changed_at,
        "images": images.get(step.requested_procedure_id, 0),
        "said": "The device has not said that it ended" if running else "Begun by hand",
    }
