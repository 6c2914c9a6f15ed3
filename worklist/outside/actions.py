"""Bringing studies from outside: files come in, are looked at, given to a patient field by field, and stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted
from ris.core.texts import fault_of_text
from ris.events import emit
from ris.patients.models import Patient
from worklist.lifecycle import OUTSIDE, STUDY
from worklist.models import Study
from worklist.outside.comparing import Difference, differences, person_there
from worklist.outside.folder import clear, path_of
from worklist.outside.limits import DELIVERY, PART_MAX
from worklist.outside.rows import OutsideFile, OutsideImport, OutsideStudy

BLOCK: Final = 1024 * 1024
GB: Final = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a file: `name` as the disc has it, with its folders; `offset` where in the file it begins."""

    name: str
    offset: int
    body: IO[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which studies are whose: `accepted` names the fields in which the person differs, `reports` PDF → study."""

    patient: Patient
    studies: Collection[str]
    accepted: Collection[str] = ()
    reports: Mapping[int, str] = field(default_factory=dict)


def require_import(actor: Actor, site_id: int | None) -> None:
    if not actor.may("study.import", site_id):
        raise NotPermitted("Bringing studies from outside is for clerks, technologists and radiologists.")


@transaction.atomic
def begin_import(site: Site, *, source: str, by: Actor) -> OutsideImport:
    """An empty delivery; `source` says where the studies were made, and may be empty."""
    require_import(by, site.pk)
    if fault := fault_of_text(source.strip(), longest=120):
        raise InvalidInput("Some fields cannot be used.", fields={"source": fault})
    row = OutsideImport.objects.create(
        site=site, source=source.strip(), brought_by=by.display[:160], brought_at=timezone.now()
    )
    audit.record("study.import-begun", row, by=by)
    return row


def take_part(delivery: OutsideImport, part: Part, *, by: Actor) -> OutsideFile:
    """Write a piece of a file to the disk as it comes. The same piece again changes nothing.

    Raises TransitionError once the delivery is closed, InvalidInput beyond the limits, ConcurrentUpdateError at a gap.
    """
    require_import(by, delivery.site_id)
    file = _file_for(delivery, part)
    path = path_of(file)
    path.touch(mode=0o600)
    if part.offset > path.stat().st_size:
        raise ConcurrentUpdateError("A piece of this file is missing. Drop it again.")
    end = part.offset + _write(path, part)
    if end > DELIVERY.bytes:
        raise InvalidInput(f"At most {DELIVERY.bytes // GB} GB can be brought at once.")
    OutsideFile.objects.filter(pk=file.pk).update(size=max(end, file.size))
    return file


@transaction.atomic
def _file_for(delivery: OutsideImport, part: Part) -> OutsideFile:
    row = OutsideImport.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if not OUTSIDE.within(row, "collecting"):
        raise ConcurrentUpdateError("This delivery is closed. Begin another one for more files.")
    name = "".join(letter for letter in part.name if letter.isprintable())[-255:]
    if not name or part.offset < 0:
        raise InvalidInput("A file needs a name.")
    file = OutsideFile.objects.filter(delivery=row, name=name).first()
    if file is not None:
        return file
    if row.files.count() >= DELIVERY.files:
        raise InvalidInput(f"At most {DELIVERY.files} files can be brought at once.")
    return OutsideFile.objects.create(delivery=row, name=name)


def _write(path: Path, part: Part) -> int:
    size = 0
    with path.open("r+b") as file:
        file.seek(part.offset)
        while block := part.body.read(BLOCK):
            size += len(block)
            if size > PART_MAX:
                raise InvalidInput(f"A piece may have {PART_MAX // 1024**2} MB at most.")
            file.write(block)
    return size


@transaction.atomic
def close_import(delivery: OutsideImport, *, by: Actor) -> OutsideImport:
    """All files are here: look at them. Raises InvalidInput when there is none."""
    require_import(by, delivery.site_id)
    row = OutsideImport.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    sizes = list(row.files.values_list("size", flat=True))
    if not sum(sizes):
        raise InvalidInput("There is no file yet. Drop a disc, a folder or a ZIP first.")
    OUTSIDE.advance(row, "close", bytes=sum(sizes))
    emit("outside.closed", row, by=by)
    return row


@transaction.atomic
def discard_import(delivery: OutsideImport, *, by: Actor) -> OutsideImport:
    """Throw away what was brought and is not stored. Raises TransitionError once a patient has it."""
    require_import(by, delivery.site_id)
    row = OutsideImport.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if row.patient_id is not None:
        raise ConcurrentUpdateError("Its studies were given to a patient already. Try the storing again instead.")
    OUTSIDE.advance(row, "discard", done_at=timezone.now())
    audit.record("study.import-discarded", row, by=by)
    transaction.on_commit(lambda: clear(row), robust=True)
    return row


@transaction.atomic
def give_import(delivery: OutsideImport, choice: Choice, *, by: Actor) -> OutsideImport:
    """These studies are this patient's. Every difference between the two persons must have been accepted by name.

    Raises NotPermitted, TransitionError, and InvalidInput with the field at fault.
    """
    require_import(by, delivery.site_id)
    row = OutsideImport.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    _require_brought(row, choice)
    _require_one_person(row, choice)
    studies = [_held(uid) for uid in sorted(set(choice.studies))]
    patient = Patient.objects.select_for_update().get(pk=choice.patient.current.pk)
    if patient.identifier_at(row.site) is None:
        raise InvalidInput("This patient has no number: give one first.", fields={"patient": "Has no number."})
    OUTSIDE.advance(row, "give", patient=patient, problem="")
    for study in studies:
        _take_study(row, study, patient, by=by)
    for file_id, uid in choice.reports.items():
        row.files.filter(pk=file_id, kind="pdf").update(study_uid=uid)
    emit("outside.given", row, by=by)
    return row


def _require_brought(row: OutsideImport, choice: Choice) -> None:
    """The studies and the old reports are of this delivery."""
    there = set(row.files.filter(kind="dicom").values_list("study_uid", flat=True))
    papers = set(row.files.filter(kind="pdf").values_list("pk", flat=True))
    faults = {}
    if not set(choice.studies) <= there:
        faults["studies"] = "Not all of them are in this delivery, or it was not looked at yet."
    if not set(choice.reports) <= papers or not set(choice.reports.values()) <= there:
        faults["reports"] = "Not all of these files and studies are in this delivery."
    if faults:
        raise InvalidInput("Some fields cannot be used.", fields=faults)


def _require_one_person(row: OutsideImport, choice: Choice) -> None:
    if not choice.studies:
        raise InvalidInput("Choose at least one study.", fields={"studies": "Which of them?"})
    people = [person_there(row, uid) for uid in sorted(set(choice.studies))]
    if len({(one.patient_id, one.name.casefold(), one.birth_date) for one in people}) > 1:
        words = "They carry different persons: take them one after the other."
        raise InvalidInput("These studies are not of one person.", fields={"studies": words})
    open_ones = [one for one in differences(people[0], choice.patient.current) if one.name not in choice.accepted]
    if open_ones:
        raise InvalidInput("The persons differ.", fields={one.name: _words(one) for one in open_ones})


def _words(one: Difference) -> str:
    return f"“{one.there or 'nothing'}” there, “{one.here or 'nothing'}” here: say that you have compared this."


def _held(uid: str) -> Study:
    study, _created = Study.objects.get_or_create(study_instance_uid=uid)
    return Study.objects.select_for_update(of=("self",)).get(pk=study.pk)


def _take_study(row: OutsideImport, study: Study, patient: Patient, *, by: Actor) -> None:
    """The study is the patient's from now on; nothing of it can be matched to an order by its numbers."""
    uid = study.study_instance_uid
    there, first = person_there(row, uid), row.files.filter(kind="dicom", study_uid=uid).order_by("pk")[0]
    held = OutsideStudy.objects.filter(study=study).select_related("patient__merged_into").first()
    if study.links.exists() or (held is not None and held.patient.current.pk != patient.pk):
        raise InvalidInput("One of these studies is here already.", fields={"studies": "Leave it out: it is here."})
    if STUDY.allows(study, "match"):
        STUDY.advance(study, "match", site=row.site, findings=["brought from outside"])
    if held is None:
        _describe(OutsideStudy(study=study, patient=patient, delivery=row), row, first.facts, there.as_json(), by=by)
    audit.record("study.imported", study, by=by, patient=patient, site_id=row.site_id, study_uid=uid, delivery=row.pk)


def _describe(
    made: OutsideStudy, row: OutsideImport, facts: Mapping[str, str], there: Mapping[str, object], *, by: Actor
) -> None:
    made.source = (row.source or facts.get("institution", ""))[:120]
    made.original, made.accession_there = dict(there), facts.get("accession", "")[:16]
    made.body_part, made.modality = facts.get("body_part", "")[:16].upper(), facts.get("modality", "")[:16]
    made.laterality = facts.get("laterality", "")[:1]
    made.imported_at, made.imported_by = timezone.now(), by.display[:160]
    made.save(force_insert=True)


@transaction.atomic
def retry_import(delivery: OutsideImport, *, by: Actor) -> OutsideImport:
    """What was wrong has been put right. Raises TransitionError when it did not fail while it was stored."""
    require_import(by, delivery.site_id)
    row = OutsideImport.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if row.patient_id is None:
        raise ConcurrentUpdateError("These files could not be read. Discard them and bring them again.")
    OUTSIDE.advance(row, "retry", problem="", working_until=None)
    emit("outside.given", row, by=by)
    return row
