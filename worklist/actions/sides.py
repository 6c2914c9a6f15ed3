"""The ordered side held against the images: looked at when images come, answered by a person when they differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.core.texts import faults_of_texts
from ris.dicom.archive import Archive
from ris.dicom.datasets import SeriesRow, text
from ris.events import emit
from ris.orders.models import RequestedProcedure
from worklist.actions.reading import count_images, note_changed
from worklist.exam.record import ANSWERS, ReceivedSeries, SideCheck
from worklist.exam.sides import Comparison, Evidence, compare, sides_of, sides_of_code
from worklist.models import Study, StudyLink
from worklist.permissions import require_reconcile

LATERALITY, IMAGE_LATERALITY = "00200060", "00200062"
# Modalities that name the side in each image, (0020,0062), and whose series are short.
PROJECTIONS = frozenset({"CR", "DX", "MG", "RG", "XA", "RF", "IO", "OP", "OPT", "ES", "XC"})
MOST_IMAGES = 60
# Objects about images: what they are called says nothing of the examined side.
DERIVED = frozenset({"SR", "KO", "PR", "SEG", "DOC", "REG", "RTSTRUCT", "RTPLAN", "RTDOSE", "AU", "OT"})


@dataclass(frozen=True, slots=True)
class SeenSeries:
    """A series of the archive with the coded sides of itself and of its images."""

    row: SeriesRow
    sides: frozenset[str]


def look_at(archive: Archive, study: Study, *, by: Actor) -> None:
    """Ask the archive for the series of a study and keep what they say. Raises ArchiveError."""
    links = StudyLink.objects.filter(study=study, active=True).select_related("requested_procedure__procedure")
    sided = any(ordered_side(link.requested_procedure) for link in links)
    rows = archive.series(study.study_instance_uid)
    keep_series(study, [SeenSeries(row, _coded(archive, row, deeply=sided)) for row in rows], by=by)


def _coded(archive: Archive, row: SeriesRow, *, deeply: bool) -> frozenset[str]:
    sides = sides_of_code(row.laterality)
    if not deeply or row.modality not in PROJECTIONS or row.instance_count > MOST_IMAGES:
        return sides
    images = archive.metadata(row.study_instance_uid, row.series_instance_uid)
    named = (sides_of_code(text(image, tag)) for image in images for tag in (LATERALITY, IMAGE_LATERALITY))
    return sides.union(*named)


@transaction.atomic
def keep_series(study: Study, seen: Iterable[SeenSeries], *, by: Actor) -> None:
    """The archive's series as they are now, and what follows for the side. Idempotent."""
    require_reconcile(by, study.site_id)
    study = Study.objects.select_for_update().get(pk=study.pk)
    before = _held(study)
    for item in seen:
        row = item.row
        ReceivedSeries.objects.update_or_create(
            study=study, series_instance_uid=row.series_instance_uid,
            defaults={
                "number": row.number, "modality": row.modality[:16], "description": row.description[:64],
                "body_part": row.body_part[:32], "sides": "".join(sorted(item.sides)), "images": row.instance_count,
            },
        )  # fmt: skip
    if _held(study) != before:
        note_changed(study)
        emit("exam.series-changed", study, by=by)
        count_images(study)
    for link in StudyLink.objects.filter(study=study, active=True).select_related("requested_procedure__procedure"):
        _check(study, link.requested_procedure, by=by)


def _held(study: Study) -> list[tuple[object, ...]]:
    return list(study.received_series.order_by("pk").values_list("pk", "description", "body_part", "sides", "images"))


def ordered_side(requested: RequestedProcedure) -> str:
    """The side of the order; where it names none, that of the procedure's own name."""
    procedure = requested.procedure
    named = sides_of(procedure.name, part=procedure.body_part)
    return requested.laterality or (next(iter(named)) if len(named) == 1 else "")


def _check(study: Study, requested: RequestedProcedure, *, by: Actor) -> None:
    ordered = ordered_side(requested)
    if not ordered:
        return
    found = compare(ordered, evidence_of(study, requested))
    against = [asdict(item) for item in found.against]
    check, created = SideCheck.objects.get_or_create(
        study=study, requested_procedure=requested,
        defaults={"ordered": ordered, "verdict": found.verdict, "evidence": against, "checked_at": timezone.now()},
    )  # fmt: skip
    if not created and (check.ordered, check.verdict, check.evidence) == (ordered, found.verdict, against):
        return
    if not created:
        _check_again(check, ordered, found, against)
    if check.stops:
        audit.record("study.side-differs", study, by=by, study_uid=study.study_instance_uid, check=check.pk)
        emit("exam.side-differs", study, by=by, side_check=check.pk)


def _check_again(check: SideCheck, ordered: str, found: Comparison, against: list[dict[str, object]]) -> None:
    """An answer holds for the evidence that it was given for, and for less of it."""
    known = [item for item in against if item in check.evidence]
    check.ordered, check.verdict, check.evidence, check.checked_at = ordered, found.verdict, against, timezone.now()
    if len(known) < len(against):
        check.answer, check.reason, check.answered_at, check.answered_by_name = "", "", None, ""
    check.save()


def evidence_of(study: Study, requested: RequestedProcedure) -> list[Evidence]:
    """Every side that the images of a study name: by code, by the part's name, by what series and study are called."""
    part = f"{requested.procedure.body_part} {requested.procedure.name}"
    found = [Evidence(side, "study description", study.description)
             for side in sorted(sides_of(study.description, part=part))]  # fmt: skip
    for row in study.received_series.exclude(modality__in=DERIVED):
        context = f"{part} {row.body_part}"
        named = (("laterality", row.sides, frozenset(row.sides)),
                 ("body part", row.body_part, sides_of(row.body_part, part=part)),
                 ("series description", row.description, sides_of(row.description, part=context)))  # fmt: skip
        found += [Evidence(side, where, words, row.number) for where, words, sides in named for side in sorted(sides)]
    return found


@transaction.atomic
def answer_side(check: SideCheck, *, answer: str, reason: str, by: Actor) -> SideCheck:
    """Somebody who examined or reads answers for the side, by name and with a reason.

    Raises NotPermitted, InvalidInput, TransitionError when there is nothing to answer (any more).
    """
    site = check.requested_procedure.order.site_id
    if not (by.may("step.perform", site) or by.may("report.write", site)):
        raise NotPermitted("The side is answered for by the technologists and readers of the exam's site.")
    reason = reason.strip()
    faults = {} if answer in dict(ANSWERS) else {"answer": "Choose what is true."}
    faults |= faults_of_texts(SideCheck, {"reason": reason})
    if not reason:
        faults["reason"] = "How do you know? The patient, the images, the technologist."
    if faults:
        raise InvalidInput("The answer is not complete.", fields=faults)
    changes = {"answer": answer, "reason": reason, "answered_at": timezone.now(), "answered_by_name": by.display[:160]}
    open_ones = SideCheck.objects.filter(pk=check.pk, verdict="differs", answered_at__isnull=True)
    if open_ones.filter(evidence=check.evidence).update(**changes) != 1:
        raise TransitionError("There is nothing to answer here any more, or there is new evidence. Look again.")
    check.refresh_from_db()
    study = check.study
    about = {"study_uid": study.study_instance_uid, "answer": answer, "reason": reason}
    audit.record("study.side-answered", study, by=by, patient=check.requested_procedure.order.patient_id, **about)
    emit("exam.side-answered", study, by=by, side_check=check.pk)
    return check
