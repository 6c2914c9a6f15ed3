"""Series of a study go to another patient's exam: asked for, taken back, followed by what comes late, and settled."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from ris import audit
from ris.core.actors import Actor, SystemActor
from ris.core.errors import TransitionError
from ris.events import emit
from ris.orders.models import RequestedProcedure
from worklist.actions.reading import count_images
from worklist.actions.studies import end_links
from worklist.actions.wrong_patient import hold_tasks, lock_studies
from worklist.exam.record import ReceivedSeries
from worklist.lifecycle import REHOMING, STUDY
from worklist.models import Study
from worklist.rehoming.actions import ask, identity_for, last_of, undo
from worklist.rehoming.rows import Rehoming

MATCHER = SystemActor("matcher")
LATE = "Images of a series came that was given to another patient's exam."
MOVED = "study.series-moved"


def hold_both(row: Rehoming) -> None:
    """Part of a transaction, before anything else of it is locked."""
    lock_studies([row.study.study_instance_uid, row.into])


def part_series(
    study: Study, requested: RequestedProcedure, *, series: Collection[str], into: str, reason: str, by: Actor
) -> Rehoming:
    """Part of a transaction that has locked both studies: nobody sees the first one until the series are out of it."""
    _close(study)
    named = {"StudyDescription": requested.description[:64], "StudyID": "", "ReferringPhysicianName": ""}
    row = Rehoming(study=study, kind="series", wanted=identity_for(requested).as_json(), series=sorted(series))
    row.into, row.found = into, {"study": named}
    row = ask(row, reason=reason, by=by)
    _tell(row, reason=reason, by=by)
    audit.record(MOVED, ("study", into), by=by, site_id=requested.order.site_id, patient=requested.order.patient_id,
                 study_uid=into, came_from=study.study_instance_uid, reason=reason)  # fmt: skip
    return row


def take_back_series(study: Study, *, reason: str, by: Actor) -> None:
    """Part of a transaction that has locked both studies: the newest move of series goes back, with what came late.

    Raises TransitionError when they went on to a third patient.
    """
    standing = Rehoming.objects.of_series().filter(study=study).order_by("-pk")
    newest = standing.first()
    if newest is None:
        return  # it was given up, and what had been moved is back
    if were_moved(newest.into, newest.series, out_of=True):
        raise TransitionError("These series went on to another exam. Take that back first.")
    _close(study)
    if (other := Study.objects.filter(study_instance_uid=newest.into).first()) is not None:
        _close(other)
    for row in standing.filter(into=newest.into):
        if row.series == newest.series:
            _tell(undo(row, kind="restore", reason=reason, by=by), reason=reason, by=by)


def newest_series_move(study: Study) -> Rehoming | None:
    return Rehoming.objects.of_series().filter(study=study).select_related("study").order_by("-pk").first()


def were_moved(study_uid: str, series: Collection[str], *, out_of: bool) -> bool:
    """Whether some of these series went `out_of` this study by a move that stands, or else came into it."""
    rows = Rehoming.objects.of_series()
    rows = rows.filter(study__study_instance_uid=study_uid) if out_of else rows.filter(into=study_uid)
    return any(set(series).intersection(found) for found in rows.values_list("series", flat=True))


@transaction.atomic
def follow_series(study_uid: str, there: Collection[str]) -> bool:
    """A device still sends series that were given to another patient: they go the same way. False when not so.

    `there` are the series that the archive has of the study now.
    """
    rows = Rehoming.objects.of_series().filter(study__study_instance_uid=study_uid, state__in=REHOMING.groups["over"])
    late = [row for row in rows.select_related("study").order_by("pk") if set(there).intersection(row.series)]
    if not late:
        return False
    hold_both(late[-1])
    study = Study.objects.get(pk=late[-1].study_id)
    _close(study)
    for row in {(one.into, *one.series): one for one in late}.values():
        new = Rehoming(study=study, kind="series", wanted=_whose_now(row), series=row.series, into=row.into)
        new.found = {"study": row.found.get("study", {})}
        _tell(ask(new, reason=LATE, by=MATCHER), reason=LATE, by=MATCHER)
    return True


def _whose_now(row: Rehoming) -> dict[str, object]:
    """The patient may have got another number since, with the whole study that the series are in."""
    there = Study.objects.filter(study_instance_uid=row.into).first()
    last = last_of(there) if there is not None else None
    return dict(last.wanted if last is not None and last.pk > row.pk else row.wanted)


def settle_series(row: Rehoming, there: Collection[str], *, by: Actor) -> None:
    """Part of the transaction in which a move ends: each study has the series that are in it, and tells it.

    `there` are those of the two studies that the archive has now.
    """
    for study in Study.objects.filter(study_instance_uid__in=[row.study.study_instance_uid, row.into]).order_by("pk"):
        if study.study_instance_uid not in there:
            _vanish(study, by=by)
        ReceivedSeries.objects.filter(study=study, series_instance_uid__in=row.series).delete()  # listed anew
        count_images(study)
        emit("exam.series-changed", study, by=by)
        if study.pk != row.study_id:
            emit("study.rehomed", study, by=by, rehoming=row.pk)


def _vanish(study: Study, *, by: Actor) -> None:
    """All that it had went back: it is nobody's until images come to it again."""
    if STUDY.allows(study, "vanish"):
        end_links(study, study.links.filter(active=True), by=by, reason="Its series went back")
        STUDY.advance(study, "vanish", decided=False, instance_count=0, series_count=0, findings=[], doubt="")


def _close(study: Study) -> None:
    """Nobody sees it until the archive was asked again; what was written on it is read over."""
    if STUDY.within(study, "linked"):
        STUDY.advance(study, "correct")
    hold_tasks(study)
    count_images(study)


def _tell(row: Rehoming, *, reason: str, by: Actor) -> None:
    uid = row.study.study_instance_uid
    audit.record(MOVED, row.study, by=by, site_id=row.site_id, study_uid=uid, rehoming=row.pk, into=row.into,
                 series=len(row.series), back=row.undoes_id is not None, reason=reason)  # fmt: skip
    emit(MOVED, row.study, by=by, rehoming=row.pk)
