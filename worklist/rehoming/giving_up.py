"""A move that cannot succeed is given up: what it changed goes back, and the study waits for a person again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import emit
from worklist.actions.decisions import give_up_correction
from worklist.lifecycle import MOVED_OBJECT, REHOMING
from worklist.models import Study
from worklist.permissions import require_reconcile
from worklist.rehoming.actions import behind_of, undo
from worklist.rehoming.folder import clear
from worklist.rehoming.rows import Rehoming

ONLY_HERE = "An object of this study is kept here until the archive takes it. Try again once the archive is well."


@transaction.atomic
def give_up_rehoming(row: Rehoming, *, why: str, by: Actor) -> Rehoming:
    """Objects that were moved already are moved back; a study that was linked by a person is unlinked.

    Raises NotPermitted, InvalidInput without a reason, TransitionError when it did not fail or when an object is
    nowhere but here.
    """
    require_reconcile(by, row.site_id)
    if not (words := why.strip()[:255]):
        raise InvalidInput("Say why it is given up.", fields={"why": "Say why."})
    Study.objects.select_for_update(of=("self",)).get(pk=row.study_id)
    row = Rehoming.objects.select_for_update(of=("self",)).select_related("study").get(pk=row.pk)
    REHOMING.advance(row, "drop", done_at=timezone.now(), working_until=None)
    if row.objects_moved.filter(state__in=MOVED_OBJECT.groups["kept"]).exists():
        raise TransitionError(ONLY_HERE)
    row.objects_moved.filter(state__in=MOVED_OBJECT.groups["untouched"]).delete()
    audit.record("study.rehoming-dropped", row.study, by=by, site_id=row.site_id,
                 study_uid=row.study.study_instance_uid, rehoming=row.pk, reason=words)  # fmt: skip
    if row.objects_moved.exists():
        undo(row, kind="restore", reason=words, by=by)
    if row.kind in {"link", "series"}:
        give_up_correction(row.study, why=words, by=by)
    _wake(row, by=by)
    transaction.on_commit(lambda: clear(row.pk), robust=True)
    return row


def _wake(row: Rehoming, *, by: Actor) -> None:
    """What was asked behind it may go now."""
    for following in behind_of(row).select_related("study"):
        emit("study.rehoming", following.study, by=by, rehoming=following.pk)
