"""What a reader drew and did not store yet, kept here so that a browser that dies takes nothing with it."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting import permissions
from reporting.models import DraftMeasurements
from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput
from worklist.models import ReadingTask

MOST, LARGEST = 200, 1_000_000


@transaction.atomic
def keep_drawn(task: ReadingTask, annotations: list[dict[str, Any]], *, by: User) -> DraftMeasurements | None:
    """Keep the viewer's unsaved annotations of this reader, in place of those before; none is none.

    Raises NotPermitted when the case is another reader's, InvalidInput when it is more than anybody draws.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    permissions.require_write(by, task)
    _require_bounded(annotations)
    mine = DraftMeasurements.objects.filter(task=task, owner_id=str(by.pk))
    if not annotations:
        mine.delete()
        return None
    begun = not mine.exists()
    values = {"annotations": annotations, "saved_at": timezone.now()}
    kept, _made = DraftMeasurements.objects.update_or_create(task=task, owner_id=str(by.pk), defaults=values)
    if begun:
        audit.record("measurements.drawn", task, by=by, patient=task.patient_id)
    return kept


def _require_bounded(annotations: list[dict[str, Any]]) -> None:
    if not all(isinstance(one, dict) for one in annotations):
        raise InvalidInput("These are no measurements.")
    if len(annotations) > MOST or len(json.dumps(annotations)) > LARGEST:
        raise InvalidInput("There are too many unsaved measurements to keep. Save them.")
