"""The signed report's way into the archive: Encapsulated PDF in the same study, exactly once, read back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from pydicom.uid import EncapsulatedPDFStorage, KeyObjectSelectionDocumentStorage

from reporting.lifecycle import ARCHIVING, REPORT
from reporting.models import Artifact, Publication, Report, ReportVersion
from reporting.permissions import require_system
from reporting.publish import encapsulated_pdf, key_objects
from reporting.publish.uids import selection_place
from ris import audit
from ris.core.actors import Actor
from ris.core.errors import TransitionError
from ris.dicom import datasets
from ris.dicom.archive import Archive, get_archive, store_verified
from ris.dicom.archive.errors import ArchiveError, NotInArchive
from ris.events import emit
from ris.patients.models import Patient, PatientIdentifier

PATIENT_ID = "00100020"
ROWS = "00280010"  # an image has it, a document has not


def publish_version(version: ReportVersion, *, by: Actor) -> Publication:
    """Make sure that the archive holds this version's PDF; ask, send, read back, mark.

    Safe to repeat: the object is made once, its UID is its own, and the archive is asked before anything is sent.
    A withdrawn report is sent no more; what has got there all the same is rejected by the note that follows it.
    Raises ArchiveError, TransitionError when the study is not this patient's any more.
    """
    require_system(by, "report.publish")
    publication = Publication.objects.get(version=version)
    if ARCHIVING.within(publication, "settled"):
        return publication
    archive = get_archive()
    report = Report.objects.get(pk=version.report_id)  # as it is by now
    if REPORT.within(report, "withdrawn") and not _must_go(archive, version, publication, by=by):
        return withhold(publication, by=by)
    store_verified(archive, bytes(_object(archive, version, publication).body))
    return _confirm(publication, version, by=by)


def _must_go(archive: Archive, version: ReportVersion, publication: Publication, *, by: Actor) -> bool:
    """Of a withdrawn report: the note that rejects what the archive has, and what the archive took without a word."""
    if version.kind == "withdrawal":
        _settle_earlier(version, by=by)
        return bool(rejected_by(version) or _selections_of(version))
    sent = Artifact.objects.filter(version=version, kind="encapsulated-pdf").exists()
    return sent and archive.locate(publication.sop_instance_uid) is not None


def _settle_earlier(version: ReportVersion, *, by: Actor) -> None:
    """An earlier version may be on its way at this moment: only when that is over is it known what to reject."""
    earlier = Publication.objects.filter(version__report=version.report_id, version__number__lt=version.number)
    open_ones = earlier.exclude(archive_state__in=ARCHIVING.groups["settled"]).select_related("version")
    for one in open_ones.order_by("version__number"):
        if ARCHIVING.allows(one, "confirm"):
            raise ArchiveError("An earlier version is still on its way to the archive: this waits.", permanent=False)
        publish_version(one.version, by=by)


def _object(archive: Archive, version: ReportVersion, publication: Publication) -> Artifact:
    """The Encapsulated PDF of a version: built once from the archive's own study attributes, then kept."""
    kept = Artifact.objects.filter(version=version, kind="encapsulated-pdf").first()
    if kept is not None:
        return kept
    origin = origin_of(archive, version)
    if version.kind == "withdrawal":
        body = _note(version, publication, origin, selected=_selections_of(version))
    else:
        body = _document(version, publication, origin)
    artifact, _made = Artifact.objects.get_or_create(
        version=version,
        kind="encapsulated-pdf",
        defaults={"body": body, "sha256": hashlib.sha256(body).hexdigest(), "created_at": timezone.now()},
    )
    return artifact


def _document(version: ReportVersion, publication: Publication, image: dict[str, Any]) -> bytes:
    require_same_patient(version, image)
    return encapsulated_pdf.build(
        bytes(Artifact.objects.get(version=version, kind="pdf").body),
        source=image,
        identity=encapsulated_pdf.Identity(
            sop_instance_uid=publication.sop_instance_uid,
            series_instance_uid=publication.series_instance_uid,
            version_number=version.number,
            predecessor=_predecessor(version),
        ),
        description=encapsulated_pdf.Description(
            title=f"{version.get_kind_display()} report",
            created_at=version.created_at.astimezone(version.report.site.zone),
            verified=version.kind != "preliminary",
            accession_numbers=_answered(version),
        ),
    )


def _answered(version: ReportVersion) -> tuple[tuple[str, str], ...]:
    """The accession numbers that the version answers, each with its Requested Procedure ID (DESIGN.md §3)."""
    rows = version.report.task.requested_procedures.filter(accession_number__in=version.accession_numbers)
    return tuple(rows.order_by("pk").values_list("accession_number", "requested_procedure_id"))


def _predecessor(version: ReportVersion) -> encapsulated_pdf.Predecessor | None:
    """The document that this one follows: the newest earlier one that is, or will be, in the archive."""
    earlier = Publication.objects.filter(version__report=version.report_id, version__number__lt=version.number)
    sent = earlier.exclude(archive_state__in=ARCHIVING.groups["never"]).order_by("-version__number").first()
    return encapsulated_pdf.Predecessor(sent.sop_instance_uid, sent.series_instance_uid) if sent else None


def _note(
    version: ReportVersion, publication: Publication, image: dict[str, Any], *, selected: list[key_objects.KeyObject]
) -> bytes:
    """A Key Object Selection that rejects what the report had put into the archive (IHE RAD TF-3, IOCM)."""
    documents = [
        key_objects.KeyObject(
            one.series_instance_uid, EncapsulatedPDFStorage, one.sop_instance_uid, value_type="COMPOSITE"
        )
        for one in rejected_by(version)
    ] + selected
    selection = key_objects.Selection(
        sop_instance_uid=publication.sop_instance_uid,
        series_instance_uid=publication.series_instance_uid,
        number=version.number,
        created_at=version.created_at,
        title=key_objects.REJECTED,
        description="Rejected reports",
    )
    return key_objects.build(documents, source=image, selection=selection)


def _selections_of(version: ReportVersion) -> list[key_objects.KeyObject]:
    """The key images that the withdrawn report pointed out: of each version whose selection was made.

    One may be on its way at this moment: the archive is not asked, and a note names what never came without harm.
    """
    made = ReportVersion.objects.filter(report=version.report_id, artifacts__kind="key-objects").order_by("number")
    places = [selection_place(version.report_id, one.number) for one in made]
    return [
        key_objects.KeyObject(
            place.series_uid, KeyObjectSelectionDocumentStorage, place.sop_uid, value_type="COMPOSITE"
        )
        for place in places
    ]


def rejected_by(version: ReportVersion) -> list[Publication]:
    """What a withdrawal rejects: the earlier versions of its report that have got into the archive."""
    if version.kind != "withdrawal":
        return []
    earlier = Publication.objects.filter(version__report=version.report_id).exclude(version=version)
    return list(earlier.filter(archive_state__in=ARCHIVING.groups["done"]).order_by("version__number"))


@transaction.atomic
def withhold(publication: Publication, *, by: Actor) -> Publication:
    """It is not sent any more: its report was withdrawn before it had got there, or there is nothing to reject."""
    require_system(by, "report.publish")
    rows = Publication.objects.select_for_update(of=("self",)).select_related("version__report")
    locked = rows.get(pk=publication.pk)
    if ARCHIVING.allows(locked, "withhold"):
        ARCHIVING.advance(locked, "withhold")
        audit.record("report.withheld", locked.version.report, by=by, version=locked.version.number)
    return locked


def require_same_patient(version: ReportVersion, image: dict[str, Any]) -> None:
    """The object copies the archive's patient: so that one must still be the report's."""
    task = version.report.task
    family = Patient.objects.family(task.patient)
    known = PatientIdentifier.objects.filter(patient__in=family, value=datasets.text(image, PATIENT_ID))
    linked = task.studies().filter(study_instance_uid=version.study_instance_uid)
    if not (known.exists() and linked.exists()):
        raise TransitionError(
            "The archive's study is of another patient, or closed, by now: the report was not sent there. "
            "Reconcile the study, then send it again."
        )


def image_of(archive: Archive, study_uid: str) -> dict[str, Any]:
    """Attributes of one image of the study, as the archive has them: patient and study are copied exactly."""
    found = _image(archive.metadata(study_uid))
    if found is None:
        raise NotInArchive("The archive has no image of this study at the moment.")
    return found


def _image(rows: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    return next((row for row in rows if ROWS in row), None)


def origin_of(archive: Archive, version: ReportVersion) -> dict[str, Any]:
    """The instance whose patient and study a version's object copies: an image. A withdrawal's note is content with
    what it rejects: the images may be gone.
    """
    if version.kind != "withdrawal":
        return image_of(archive, version.study_instance_uid)
    rows = archive.metadata(version.study_instance_uid)
    found = _image(rows) or next(iter(rows), None)
    if found is None:
        raise NotInArchive("The archive has nothing of this study at the moment.")
    return found


@transaction.atomic
def _confirm(publication: Publication, version: ReportVersion, *, by: Actor) -> Publication:
    locked = Publication.objects.select_for_update().get(pk=publication.pk)
    if ARCHIVING.within(locked, "done"):
        return locked
    if ARCHIVING.allows(locked, "retry"):
        ARCHIVING.advance(locked, "retry")
    ARCHIVING.advance(locked, "confirm", archived_at=timezone.now())
    about: dict[str, Any] = {
        "study_uid": version.study_instance_uid,
        "sop_uid": locked.sop_instance_uid,
        "version": version.number,
    }
    patient = version.report.task.patient_id
    audit.record("report.archived", version.report, by=by, patient=patient, **about)
    emit("report.archived", version.report, by=by, version_id=version.pk)
    return locked


def note_given_up(version_id: int, *, by: Actor) -> None:
    """The delivery waits for a person: the report's page says so. Inside the delivery's transaction."""
    _turn(version_id, "fail", "report.not-archived", by=by)


def note_sent_again(version_id: int, *, by: Actor) -> None:
    """A person put the delivery back into the queue. Inside the delivery's transaction."""
    _turn(version_id, "retry", "report.archived-again", by=by)


def _turn(version_id: int, verb: str, action: str, *, by: Actor) -> None:
    require_system(by, "report.publish")
    found = Publication.objects.select_for_update(of=("self",)).select_related("version__report__task")
    publication = found.filter(version=version_id).first()
    if publication is None or not ARCHIVING.allows(publication, verb):
        return
    ARCHIVING.advance(publication, verb)
    report = publication.version.report
    audit.record(action, report, by=by, patient=report.task.patient_id, version=publication.version.number)
