"""Carrying a move out, a slice of time at once; wherever it is interrupted, the next slice goes on from there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ris import audit
from ris.core.actors import SystemActor
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.archive.objects import Held, OrthancObjects, get_objects
from ris.dicom.datasets import StudyRow
from ris.dicom.rewriting import CannotRewrite
from ris.events import emit
from ris.events.errors import DeliveryError
from ris.events.models import Event
from worklist.lifecycle import MOVED_OBJECT, REHOMING
from worklist.rehoming.actions import behind_of, told_of
from worklist.rehoming.folder import clear
from worklist.rehoming.identity import Identity
from worklist.rehoming.moving import Differs, Job
from worklist.rehoming.rows import RehomedObject, Rehoming

MATCHER = SystemActor("matcher")
SLICE: Final = 25.0  # seconds; a delivery's lease is 90
LEASE: Final = timedelta(seconds=120)
TO_STORE, TO_CLEAR = MOVED_OBJECT.groups["to_store"], MOVED_OBJECT.groups["to_clear"]
BUSY = "Another process moves this study just now."


def carry(event: Event) -> None:
    """`study.rehoming`: do some of it, and leave the rest to the next event. Safe to run twice, or after a kill."""
    row = Rehoming.objects.select_related("study", "undoes").get(pk=event.payload["rehoming"])
    if not REHOMING.within(row, "open"):
        return
    beside = Rehoming.objects.touching(row.study.study_instance_uid, row.into)
    if beside.filter(pk__lt=row.pk, state__in=REHOMING.groups["unfinished"]).exists():
        return  # that one wakes this one when it is over
    if not _hold(row):
        raise DeliveryError(BUSY)
    try:
        _work(row)
    except (CannotRewrite, Differs) as error:
        _fail(row, str(error))
    except ArchiveError as error:
        if error.permanent:
            _fail(row, error.message)
            return
        Rehoming.objects.filter(pk=row.pk).update(problem=error.message[:255], working_until=None)
        raise DeliveryError(error.message) from error


def _hold(row: Rehoming) -> bool:
    """One process at a time; a killed one holds it for two minutes at most."""
    now = timezone.now()
    free = Q(working_until__isnull=True) | Q(working_until__lt=now)
    rows = Rehoming.objects.filter(free, pk=row.pk, state__in=REHOMING.groups["open"])
    if rows.update(working_until=now + LEASE) != 1:
        return False
    row.working_until = now + LEASE
    REHOMING.advance(row, "begin", problem="")
    return True


def _work(row: Rehoming) -> None:
    if row.undoes is not None and not row.undoes.was:  # it never began: there is nothing to take back
        _finish(row, [uid for uid in (row.study.study_instance_uid, row.into) if uid])
        return
    carrier = _carrier(row)
    if carrier.run(until=time.monotonic() + SLICE):
        _finish(row, carrier.to_look_at)
    else:
        _go_on(row)


def _carrier(row: Rehoming) -> Carrier:
    if not row.into:
        return Carrier(row, get_objects())
    from worklist.rehoming.series import SeriesCarrier

    return SeriesCarrier(row, get_objects())


class Carrier:
    """One slice of one move."""

    def __init__(self, row: Rehoming, objects: OrthancObjects) -> None:
        self.row, self.objects = row, objects
        self.uid = row.study.study_instance_uid
        wanted = row.undoes.was if row.undoes is not None else row.wanted
        self.job = Job(row, Identity(**wanted), self.uid, objects)
        self.found: StudyRow | None = None

    @property
    def to_look_at(self) -> list[str]:
        """The studies that the archive has now, to be matched again."""
        return [self.uid] if self.found is not None else []

    def run(self, *, until: float) -> bool:
        """Whether everything is at its new place, and nothing at another."""
        while self._list() or self._todo(TO_STORE | TO_CLEAR).exists():
            if not self._each(TO_STORE, self.job.store, until) or not self._each(TO_CLEAR, self.job.clear, until):
                return False
        try:
            self.found = self._proven()
        except Differs:
            if self._list():  # more came while we looked
                return False
            raise
        return True

    def _todo(self, states: frozenset[str]) -> QuerySet[RehomedObject]:
        return self.row.objects_moved.filter(state__in=states)

    def _each(self, states: frozenset[str], do: Callable[[RehomedObject], None], until: float) -> bool:
        """False when the time is over."""
        for one in self._todo(states):
            if time.monotonic() >= until:
                return False
            do(one)
            moved = self.row.objects_moved.exclude(state__in=TO_STORE).count()
            Rehoming.objects.filter(pk=self.row.pk).update(moved=moved, working_until=timezone.now() + LEASE)
        return True

    def _list(self) -> int:
        """Write down what is there and not yet known: at the beginning, and what came meanwhile. How many are new."""
        known = set(self.row.objects_moved.values_list("sop_uid", flat=True))
        # The wrong patient's first: the same object may stand at both places since the last interruption.
        studies = sorted(self.objects.studies(self.uid), key=lambda one: one.patient_id == self.job.wanted.patient_id)
        self._remember(studies)
        held = {one.sop_uid: one for study in reversed(studies) for one in self.objects.held(study.archive_id)}
        return self._write_down([one for one in held.values() if one.sop_uid not in known])

    def _write_down(self, new: list[Held]) -> int:
        with transaction.atomic():
            for one in new:
                RehomedObject.objects.create(
                    rehoming=self.row, series_uid=one.series_uid, sop_uid=one.sop_uid, old_id=one.archive_id
                )
            Rehoming.objects.filter(pk=self.row.pk).update(total=self.row.objects_moved.count())
        return len(new)

    def _remember(self, studies: list[StudyRow]) -> None:
        """What the archive said before the first object was touched: to this it can be taken back."""
        if self.row.was or not studies:
            return
        others = [one for one in studies if one.patient_id != self.job.wanted.patient_id] or studies
        self.row.was = told_of(others[0]).as_json()
        Rehoming.objects.filter(pk=self.row.pk).update(was=self.row.was)

    def _proven(self) -> StudyRow | None:
        """One study of this UID, of the right patient, with exactly the objects that we moved."""
        studies = self.objects.studies(self.uid)
        if not studies and not self.row.objects_moved.exists():
            return None
        if len(studies) != 1 or studies[0].patient_id != self.job.wanted.patient_id:
            raise Differs("The archive still holds the study under another patient.")
        held = {one.sop_uid for one in self.objects.held(studies[0].archive_id)}
        if held != set(self.row.objects_moved.values_list("sop_uid", flat=True)):
            raise Differs("The archive holds other objects of the study than were moved.")
        self.objects.reconstruct(studies[0].archive_id)
        return self.objects.studies(self.uid)[0]


@transaction.atomic
def _go_on(row: Rehoming) -> None:
    Rehoming.objects.filter(pk=row.pk).update(working_until=None)
    emit("study.rehoming", row.study, by=MATCHER, rehoming=row.pk)


@transaction.atomic
def _finish(row: Rehoming, look_at: list[str]) -> None:
    """`look_at` names the studies that the archive has now."""
    if row.into:
        from worklist.rehoming.parting import hold_both, settle_series

        hold_both(row)
        settle_series(row, look_at, by=MATCHER)
    REHOMING.advance(row, "finish", done_at=timezone.now(), working_until=None, problem="")
    total = row.objects_moved.count()
    about: dict[str, Any] = {"study_uid": row.study.study_instance_uid, "rehoming": row.pk, "objects": total}
    audit.record("study.rehomed", row.study, by=MATCHER, site_id=row.site_id, **about)
    emit("study.rehomed", row.study, by=MATCHER, rehoming=row.pk)
    behind = behind_of(row)
    for following in behind.select_related("study"):
        emit("study.rehoming", following.study, by=MATCHER, rehoming=following.pk)
    for uid in look_at:
        if not behind.touching(uid).exists():
            emit("study.noticed", row.study, by=MATCHER, study_uid=uid)
    transaction.on_commit(lambda: clear(row.pk), robust=True)


@transaction.atomic
def _fail(row: Rehoming, problem: str) -> None:
    REHOMING.advance(row, "fail", problem=problem[:255], working_until=None)
    audit.record("study.rehoming-failed", row.study, by=MATCHER, site_id=row.site_id,
                 study_uid=row.study.study_instance_uid, rehoming=row.pk, problem=problem)  # fmt: skip
