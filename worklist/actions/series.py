"""A technologist examined two patients under one line of the worklist: the second one's series go to that one's exam.

In the archive too; and they come back when the decision is undone (worklist.actions.decisions.undo).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from ris.core import panels
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.orders.lifecycle import ORDER
from ris.orders.models import RequestedProcedure
from worklist.actions.decisions import Before, held_study, reason_of
from worklist.actions.wrong_patient import is_wrong_patients, lock_studies
from worklist.exam.record import ReceivedSeries
from worklist.lifecycle import STUDY
from worklist.models import Study
from worklist.outside.rows import OutsideStudy
from worklist.permissions import require_reconcile
from worklist.reconcile.decisions import StudyDecision
from worklist.rehoming.actions import identity_for, is_moving
from worklist.rehoming.parting import part_series, were_moved

OF_REPORTS = "series-of-reports"
"""The place where reporting names the series of a study that hold its own documents."""
WAIT = "The archive is being changed just now. Wait until that is over, then look again."


@transaction.atomic
def give_series(
    study: Study, requested: RequestedProcedure, *, series: Sequence[str], reason: str, by: Actor
) -> StudyDecision:
    """Series of a linked study are another patient's: they go to `requested`, and into its study in the archive.

    Nobody sees the study until they are out of it. Raises NotPermitted, InvalidInput for series that it does not have
    or for all of them, TransitionError where the one study or the other cannot be changed now.
    """
    words = reason_of(reason)
    require_reconcile(by, requested.order.site_id)
    into = _study_of(requested)
    lock_studies([study.study_instance_uid, into])
    study = held_study(study, [requested.order_id], by=by)
    was = Before(study)
    if _study_of(requested) != into:
        raise TransitionError(WAIT)
    _require_movable(study)
    _require_others(study, requested)
    chosen = _chosen(study, series)
    _require_takes(requested, into, study, chosen)
    part_series(study, requested, series=chosen, into=into, reason=words, by=by)
    return was.decided("series", requested, reason=words, by=by)


def _require_movable(study: Study) -> None:
    if settings.ARCHIVE_KIND != "orthanc":
        raise TransitionError("Only in an Orthanc can series be moved from here. Correct them at the archive.")
    if not STUDY.within(study, "readable") or not study.links.filter(active=True).exists():
        raise TransitionError("Link the study to its own exam first; then give series of it to another patient.")
    if OutsideStudy.objects.filter(study=study).exists():
        raise TransitionError("This study was brought from outside: bring it in again, to each patient their own.")
    if is_moving(study.study_instance_uid):
        raise TransitionError(WAIT)


def _require_others(study: Study, requested: RequestedProcedure) -> None:
    wanted = requested.order.patient.current.pk
    links = study.links.filter(active=True).select_related("requested_procedure__order__patient__merged_into")
    if any(one.requested_procedure.order.patient.current.pk == wanted for one in links):
        raise TransitionError("That exam is of the same patient: give it the series without moving them.")
    if not ORDER.within(requested.order, "matchable"):
        raise TransitionError(f"That order is {requested.order.state}: no images can be given to it.")


def movable_series(study: Study) -> QuerySet[ReceivedSeries]:
    """Series that may be another patient's: all but the documents of the exam's own reports."""
    rows = ReceivedSeries.objects.filter(study=study)
    return rows.exclude(series_instance_uid__in=panels.collect(OF_REPORTS, study)).order_by("number", "pk")


def _chosen(study: Study, series: Sequence[str]) -> list[str]:
    held = set(movable_series(study).values_list("series_instance_uid", flat=True))
    chosen = list(dict.fromkeys(series))
    if not chosen or not held.issuperset(chosen):
        raise InvalidInput("Choose series of this study.", fields={"series": "Choose at least one of its series."})
    if held == set(chosen):
        raise InvalidInput("These are all of them.", fields={"series": "Move the whole study instead."})
    if were_moved(study.study_instance_uid, chosen, out_of=False):
        raise TransitionError("Some of these series came from another patient's study: undo that decision there.")
    return chosen


def _study_of(requested: RequestedProcedure) -> str:
    """The UID of the study that the exam has, or is going to have. Raises TransitionError where that is not clear."""
    links = requested.study_links.filter(active=True).select_related("study").order_by("pk")
    found = [one for one in links if STUDY.within(one.study, "readable")]
    if len(found) < len(links):
        raise TransitionError("The study of that exam is closed just now. Look again when it is open.")
    own = [one for one in found if one.study.study_instance_uid == requested.study_instance_uid]
    for one in (*own, *found):
        if one.series:
            raise TransitionError("That exam has only some series of a study: nothing can be added to those.")
        return str(one.study.study_instance_uid)
    return requested.study_instance_uid


def _require_takes(requested: RequestedProcedure, into: str, study: Study, chosen: Collection[str]) -> None:
    """The exam's own study stands under the patient's number; or there is none, and what comes will be known for it."""
    if is_moving(into):
        raise TransitionError(WAIT)
    there = Study.objects.filter(study_instance_uid=into).exclude(state__in=STUDY.groups["untold"]).first()
    if there is not None and there.patient_id_text != identity_for(requested).patient_id:
        raise TransitionError(
            "The archive has that exam's study under another patient number. Have that corrected first."
        )
    if there is not None and not STUDY.within(there, "readable"):
        raise TransitionError("That exam's own study waits for a person. Link it first, then give it series.")
    if there is None and is_wrong_patients(into):
        raise TransitionError("That exam's images were reported as a wrong patient's. Settle that first.")
    rows = movable_series(study).filter(series_instance_uid__in=chosen)
    modality = requested.procedure.modality
    if there is None and modality and not rows.filter(modality=modality).exists():
        raise InvalidInput(
            f"None of these series is {modality}.", fields={"series": f"That exam is {modality}: choose its series."}
        )
