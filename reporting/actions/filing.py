"""What is filed of a version: its Encapsulated PDF, or the note of its withdrawal, as an object of one study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydicom.uid import EncapsulatedPDFStorage, KeyObjectSelectionDocumentStorage

from reporting.copies.record import FurtherCopy
from reporting.lifecycle import ARCHIVING
from reporting.models import Artifact, Publication, ReportVersion
from reporting.publish import encapsulated_pdf, key_objects
from reporting.publish.uids import selection_place, series_of
from ris.core.errors import TransitionError
from ris.dicom import datasets
from ris.dicom.archive import Archive
from ris.dicom.archive.errors import NotInArchive
from ris.patients.models import Patient, PatientIdentifier

PATIENT_ID = "00100020"
SERIES_UID = "0020000E"
ROWS = "00280010"  # an image has it, a document has not


@dataclass(frozen=True, slots=True)
class Spot:
    """In which study an object of a version stands, and under which UIDs."""

    study_uid: str
    series_uid: str
    sop_uid: str

    @classmethod
    def first(cls, version: ReportVersion, publication: Publication) -> Self:
        return cls(version.study_instance_uid, publication.series_instance_uid, publication.sop_instance_uid)

    @classmethod
    def further(cls, copy: FurtherCopy) -> Self:
        return cls(copy.study_instance_uid, copy.series_instance_uid, copy.sop_instance_uid)


def document(archive: Archive, version: ReportVersion, spot: Spot) -> bytes:
    """The version's Encapsulated PDF for this study. Raises ArchiveError, TransitionError for another patient's."""
    source = source_of(archive, version, spot.study_uid)
    require_same_patient(version, source, spot.study_uid)
    return encapsulated_pdf.build(
        bytes(Artifact.objects.get(version=version, kind="pdf").body),
        source=source,
        identity=encapsulated_pdf.Identity(
            sop_instance_uid=spot.sop_uid,
            series_instance_uid=spot.series_uid,
            version_number=version.number,
            predecessor=_predecessor(version, spot.study_uid),
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


def _predecessor(version: ReportVersion, study_uid: str) -> encapsulated_pdf.Predecessor | None:
    """The document that this one follows, in its own study where it has one there: the newest earlier one that is, or
    will be, in the archive.
    """
    earlier = Publication.objects.filter(version__report=version.report_id, version__number__lt=version.number)
    rows = earlier.exclude(archive_state__in=ARCHIVING.groups["never"]).select_related("version")
    sent = rows.order_by("-version__number").first()
    if sent is None:
        return None
    spots = [*(Spot.further(copy) for copy in sent.copies.defer("body")), Spot.first(sent.version, sent)]
    spot = next((one for one in spots if one.study_uid == study_uid), spots[-1])
    return encapsulated_pdf.Predecessor(spot.sop_uid, spot.series_uid, study_instance_uid=spot.study_uid)


def note(
    version: ReportVersion, spot: Spot, source: dict[str, Any], rejected: Sequence[key_objects.KeyObject]
) -> bytes:
    """A Key Object Selection that rejects what the report had put into the archive (IHE RAD TF-3, IOCM)."""
    selection = key_objects.Selection(
        sop_instance_uid=spot.sop_uid,
        series_instance_uid=spot.series_uid,
        number=version.number,
        created_at=version.created_at,
        title=key_objects.REJECTED,
        description="Rejected reports",
    )
    return key_objects.build(rejected, source=source, selection=selection)


def rejected_by(version: ReportVersion) -> list[key_objects.KeyObject]:
    """What a withdrawal rejects, each with its study: documents of the earlier versions that got into the archive, and
    the key images that they pointed out.
    """
    if version.kind != "withdrawal":
        return []
    earlier = Publication.objects.filter(version__report=version.report_id).exclude(version=version)
    archived = earlier.filter(archive_state__in=ARCHIVING.groups["done"]).select_related("version")
    return [_rejected(spot) for one in archived.order_by("version__number") for spot in _spots(one)] + _selections(
        version
    )


def _spots(publication: Publication) -> list[Spot]:
    """Where an archived document stands."""
    copies = publication.copies.filter(stored_at__isnull=False).defer("body")
    return [Spot.first(publication.version, publication), *(Spot.further(copy) for copy in copies)]


def _rejected(spot: Spot) -> key_objects.KeyObject:
    return key_objects.KeyObject(
        spot.series_uid, EncapsulatedPDFStorage, spot.sop_uid, value_type="COMPOSITE", study_instance_uid=spot.study_uid
    )


def _selections(version: ReportVersion) -> list[key_objects.KeyObject]:
    """The key images that the withdrawn report pointed out: of each version whose selection was made.

    One may be on its way at this moment: the archive is not asked, and a note names what never came without harm.
    """
    made = ReportVersion.objects.filter(report=version.report_id, artifacts__kind="key-objects").order_by("number")
    places = [(one.study_instance_uid, selection_place(version.report_id, one.number)) for one in made]
    return [
        key_objects.KeyObject(
            place.series_uid, KeyObjectSelectionDocumentStorage, place.sop_uid, value_type="COMPOSITE",
            study_instance_uid=study_uid,
        )
        for study_uid, place in places
    ]  # fmt: skip


def require_same_patient(version: ReportVersion, source: dict[str, Any], study_uid: str) -> None:
    """The object copies the archive's patient: so that one must still be the report's."""
    task = version.report.task
    family = Patient.objects.family(task.patient)
    known = PatientIdentifier.objects.filter(patient__in=family, value=datasets.text(source, PATIENT_ID))
    linked = task.studies().filter(study_instance_uid=study_uid)
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


def source_of(archive: Archive, version: ReportVersion, study_uid: str) -> dict[str, Any]:
    """The object whose patient and study a version's object copies: an image, else another that is not a report of ours
    (an electrocardiogram, a device's own PDF). A note is content with what it rejects: the rest may be gone.
    """
    rows = archive.metadata(study_uid)
    ours = frozenset() if version.kind == "withdrawal" else series_of(version.report_id, study_uid)
    others = (row for row in rows if datasets.text(row, SERIES_UID) not in ours)
    found = _image(rows) or next(others, None)
    if found is None:
        raise NotInArchive("The archive has nothing of this study at the moment.")
    return found


def _image(rows: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    return next((row for row in rows if ROWS in row), None)
