"""Files from outside into the archive: each under the chosen patient, its old person kept inside it, read back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.errors import InvalidInput
from ris.core.identifiers import uid
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.archive.objects import OrthancObjects, get_objects, instance_id
from ris.dicom.rewriting import CannotRewrite, head, splice, untouched
from ris.events import emit
from ris.events.errors import DeliveryError
from ris.events.models import Event
from worklist.lifecycle import OUTSIDE
from worklist.outside.encapsulating import encapsulate
from worklist.outside.folder import clear, folder_of, path_of
from worklist.outside.rows import OutsideFile, OutsideImport, OutsideStudy
from worklist.outside.working import MATCHER, hold, let_go, still
from worklist.rehoming.actions import dicom_date
from worklist.rehoming.identity import WANTED, Identity, Occasion, replacements
from worklist.rehoming.moving import Differs

SLICE: Final = 25.0
ELSEWHERE: Final = "An object of these studies stands in the archive under another patient. Nothing of it was changed."


def store(event: Event) -> None:
    """`outside.given`: some of it, and the rest with the next event. Safe to run twice, or after a kill."""
    row = OutsideImport.objects.select_related("patient__merged_into", "site").get(pk=event.target_id)
    if not OUTSIDE.within(row, "importing"):
        return
    hold(row)
    try:
        over = _Storing(row, get_objects()).run(until=time.monotonic() + SLICE)
    except (CannotRewrite, Differs, InvalidInput) as error:
        _fail(row, str(error))
    except ArchiveError as error:
        if error.permanent:
            _fail(row, error.message)
            return
        let_go(row, error.message)
        raise DeliveryError(error.message) from error
    else:
        _finish(row) if over else _go_on(row)


class _Storing:
    """One slice of one delivery."""

    def __init__(self, row: OutsideImport, objects: OrthancObjects) -> None:
        self.row, self.objects = row, objects
        self.studies = {one.study.study_instance_uid: one for one in row.studies.select_related("study")}
        self.identity = _identity(row)
        self.again = folder_of(row) / "back"

    def run(self, *, until: float) -> bool:
        for kind, do in (("dicom", self._image), ("pdf", self._report)):
            waiting = self.row.files.filter(kind=kind, stored=False, study_uid__in=self.studies)
            for file in waiting.select_related("delivery").order_by("pk"):
                if time.monotonic() >= until:
                    return False
                do(file)
                still(self.row)
        return True

    def _image(self, file: OutsideFile) -> None:
        made = path_of(file).with_suffix(".new")
        self._rewrite(path_of(file), made, self.studies[file.study_uid])
        self._put(made, file.study_uid, file.series_uid, file.sop_uid)
        OutsideFile.objects.filter(pk=file.pk).update(stored=True)

    def _rewrite(self, source: Path, target: Path, study: OutsideStudy) -> None:
        found = head(source, WANTED)
        occasion = Occasion(at=study.imported_at, reason="COERCE", source=study.source)
        changes = replacements(self.identity, found, occasion)
        splice(source, target, changes)
        if untouched(source, changes) != untouched(target, changes):
            raise Differs("More than the patient would change in an object: nothing was stored.")

    def _report(self, file: OutsideFile) -> None:
        """The old report joins its study; the reader opens it from there."""
        series, sop = uid("outside-report-series", file.pk), uid("outside-report", file.pk)
        first = (
            self.row.files.filter(kind="dicom", study_uid=file.study_uid).select_related("delivery").order_by("pk")[0]
        )
        image, made = path_of(first).with_suffix(".new"), path_of(file).with_suffix(".new")
        self._rewrite(path_of(first), image, self.studies[file.study_uid])
        encapsulate(path_of(file), image, made, series_uid=series, sop_uid=sop)
        self._put(made, file.study_uid, series, sop)
        image.unlink(missing_ok=True)
        with transaction.atomic():
            study = OutsideStudy.objects.select_for_update().get(pk=self.studies[file.study_uid].pk)
            name = file.name.rsplit("/", 1)[-1]
            kept = [one for one in study.reports if one["sop_uid"] != sop]
            study.reports = [*kept, {"series_uid": series, "sop_uid": sop, "name": name}]
            study.save(update_fields=["reports"])
            OutsideFile.objects.filter(pk=file.pk).update(stored=True)

    def _put(self, made: Path, study_uid: str, series_uid: str, sop_uid: str) -> None:
        """Stored, and read back byte by byte; nothing that stands there already is touched."""
        ours = instance_id(self.identity.patient_id, study_uid, series_uid, sop_uid)
        if set(self.objects.find(sop_uid)) - {ours}:
            raise Differs(ELSEWHERE)
        if self.objects.upload(made) != ours:
            raise Differs("The archive named an object differently than expected.")
        self.objects.download(ours, self.again)
        if not _same(made, self.again):
            raise Differs("The archive holds something else under an object's UID for this patient.")
        made.unlink()


def _identity(row: OutsideImport) -> Identity:
    """Our patient; the accession number of another house is none of ours, and kept inside the object only."""
    if row.patient is None:
        raise InvalidInput("Nobody said yet whose these files are.")
    person = row.patient.current
    number = person.identifier_at(row.site)
    if number is None:
        raise InvalidInput("This patient has no number: give one first.")
    born = dicom_date(person.birth_date)
    return Identity(number.value, number.issuer, person.person_name, born, person.sex, accession="")


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while part := first.read(1024 * 1024):
            if part != second.read(1024 * 1024):
                return False
    return True


@transaction.atomic
def _go_on(row: OutsideImport) -> None:
    OutsideImport.objects.filter(pk=row.pk).update(working_until=None, problem="")
    emit("outside.given", row, by=MATCHER)


@transaction.atomic
def _finish(row: OutsideImport) -> None:
    OUTSIDE.advance(row, "finish", done_at=timezone.now(), working_until=None, problem="")
    stored = row.files.filter(stored=True).count()
    audit.record("study.import-finished", row, by=MATCHER, patient=row.patient, objects=stored)
    emit("outside.imported", row, by=MATCHER)
    for one in row.studies.select_related("study"):
        emit("study.noticed", one.study, by=MATCHER, study_uid=one.study.study_instance_uid)
    transaction.on_commit(lambda: clear(row), robust=True)


@transaction.atomic
def _fail(row: OutsideImport, problem: str) -> None:
    OUTSIDE.advance(row, "fail", problem=problem[:255], working_until=None)
    audit.record("study.import-failed", row, by=MATCHER, patient=row.patient, problem=problem)
