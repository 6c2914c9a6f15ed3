"""What a reader drew and did not store yet, kept here so that a browser that dies takes nothing with it."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting.models import DraftMeasurements
from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput, NotPermitted
from worklist.models import ReadingTask

MOST, LARGEST = 200, 1_000_000
WINDOW = "window"  # beside the viewer's own: the browser window that holds it


@transaction.atomic
def keep_drawn(
    task: ReadingTask, annotations: list[dict[str, Any]], *, by: User, window: str = "", instead: Collection[str] = ()
) -> DraftMeasurements | None:
    """Keep the viewer's unsaved annotations that a window of this reader holds, in place of what it held before.

    What other windows hold stays, but those with the UIDs `instead`: they were drawn again, saved or left out by this
    one. Whoever may store measurements there has drafts of them too, with the case in hand or not. Raises NotPermitted,
    InvalidInput when it is more than anybody draws.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    if not by.may("report.write", task.site_id):
        raise NotPermitted("Measuring is for the residents and radiologists of this site.")
    before = DraftMeasurements.objects.filter(task=task, owner_id=str(by.pk)).first()
    merged = _merged(before.annotations if before else [], annotations, window, instead)
    if not merged:
        DraftMeasurements.objects.filter(task=task, owner_id=str(by.pk)).delete()
        return None
    values = {"annotations": merged, "saved_at": timezone.now()}
    kept, _made = DraftMeasurements.objects.update_or_create(task=task, owner_id=str(by.pk), defaults=values)
    if before is None:
        audit.record("measurements.drawn", task, by=by, patient=task.patient_id)
    return kept


def _merged(
    before: list[dict[str, Any]], mine: list[dict[str, Any]], window: str, instead: Collection[str]
) -> list[dict[str, Any]]:
    if not all(isinstance(one, dict) for one in mine):
        raise InvalidInput("These are no measurements.")
    gone = {*instead, *(one.get("annotationUID") for one in mine)}
    others = [one for one in before if one.get(WINDOW, "") != window and one.get("annotationUID") not in gone]
    merged = [*others, *({**one, WINDOW: window} if window else one for one in mine)]
    if len(merged) > MOST or len(json.dumps(merged)) > LARGEST:
        raise InvalidInput("There are too many unsaved measurements to keep. Save them.")
    return merged
