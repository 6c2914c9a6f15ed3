"""Images that came after a case was read: somebody has looked, and the report stands."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import TransitionError
from worklist.models import ReadingTask
from worklist.permissions import require_read


@transaction.atomic
def seen_growth(task: ReadingTask, *, by: Actor) -> None:
    """The late images change nothing. Raises NotPermitted, TransitionError when somebody has said so before."""
    require_read(by, task)
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    if task.images_added_at is None:
        raise TransitionError("Somebody has looked at these images already.")
    ReadingTask.objects.filter(pk=task.pk).update(images_added_at=None, changed_at=timezone.now())
    audit.record("reading.growth-seen", task, by=by, patient=task.patient_id)
