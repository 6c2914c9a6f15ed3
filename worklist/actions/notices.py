"""Somebody says that the archive has something new."""

from __future__ import annotations

from django.db import transaction

from ris.core.actors import Actor
from ris.core.errors import InvalidInput, NotPermitted
from ris.core.identifiers import is_uid
from ris.events import emit


@transaction.atomic
def notice_study(*, by: Actor, archive_id: str = "", study_uid: str = "") -> None:
    """Make it a row; the matcher asks the archive itself and believes nothing else."""
    if not (by.may("study.notify", None) or by.may("study.reconcile", None)):
        raise NotPermitted("Announcing studies is for the archive, and for those who reconcile studies.")
    if study_uid and not is_uid(study_uid):
        raise InvalidInput(
            "This is no StudyInstanceUID.", fields={"study_instance_uid": "Digits and dots, at most 64."}
        )
    emit("study.noticed", ("study", study_uid or archive_id), by=by, archive_id=archive_id, study_uid=study_uid)
