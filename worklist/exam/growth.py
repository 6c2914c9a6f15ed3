"""Whether the images of a case are more than its reader has opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from worklist.models import ReadingTask


@dataclass(frozen=True, slots=True)
class Grown:
    """When the last images came, and how many objects the case has now."""

    at: datetime
    images: int


def grown_since_opened(task: ReadingTask, user: User) -> Grown | None:
    """Images that came after the user opened the case last; None when there are none, or it was never opened."""
    studies = list(task.studies())
    came = max((study.images_added_at for study in studies if study.images_added_at), default=None)
    if came is None:
        return None
    uids = [study.study_instance_uid for study in studies]
    openings = AuditEvent.objects.filter(action="study.opened", study_uid__in=uids, actor_id=str(user.pk))
    opened = openings.aggregate(at=Max("at"))["at"]
    return Grown(came, task.image_count) if opened is not None and came > opened else None
