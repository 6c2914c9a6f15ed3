"""A study as a ZIP for the patient: DICOMDIR and objects as the archive makes them, the signed reports beside them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ris import audit
from ris.accounts.models import User
from ris.core import panels
from ris.core.actors import Actor, SystemActor
from ris.core.errors import InvalidInput, NotFound, NotPermitted
from ris.core.texts import fault_of_text
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.archive.objects import OrthancObjects, get_objects
from ris.events import emit
from ris.events.errors import DeliveryError
from ris.events.models import Event
from ris.patients.models import Patient
from worklist.lifecycle import EXPORT, STUDY
from worklist.models import Study, StudyLink
from worklist.outside.folder import export_path
from worklist.outside.rows import OutsideStudy, StudyExport
from worklist.rehoming.actions import is_moving

SIGNED_REPORTS: Final = "signed-reports"
"""The place where reporting hands out the signed PDFs of the given procedures: [(name, bytes)]."""
NOT_SHOWN: Final = "series-not-shown"
"""The place where reporting names the series of a study that nobody is shown any more: those of withdrawn reports, and
of reports of another exam that the study was taken from."""
CHANGED_REPORTS: Final = "changed-reports"
"""The place where reporting says which reports of the given procedures changed since a moment: a version was made or
left, a withdrawal too."""
KEPT: Final = timedelta(hours=24)
MATCHER: Final = SystemActor("matcher")
DIRECTORY: Final = "DICOMDIR"
README: Final = """This disc holds medical images and reports of one patient.

DICOMDIR and the folder IMAGES are in the DICOM format, which every imaging department can read.
The folder REPORTS holds the written reports as PDF.
"""


def may_export(actor: Actor, study: Study) -> bool:
    return actor.may("study.export", study.site_id)


def exportable(user: User) -> QuerySet[Study]:
    """Studies that the user sees listed and that may leave the house; whether by this user, `may_export` says."""
    return Study.objects.listed_for(user).filter(state__in=STUDY.groups["readable"])


@transaction.atomic
def ask_export(study: Study, *, recipient: str, with_reports: bool, by: User) -> StudyExport:
    """Raises NotPermitted, and InvalidInput without a recipient."""
    if study.site_id is None or not may_export(by, study):
        raise NotPermitted("Handing out studies is for clerks, technologists and radiologists of the site.")
    recipient = recipient.strip()
    fault = fault_of_text(recipient, longest=160) or ("" if recipient else "Who gets it?")
    if fault:
        raise InvalidInput("Some fields cannot be used.", fields={"recipient": fault})
    row = StudyExport.objects.create(
        study=study, site_id=study.site_id, asked_by=by, asked_at=timezone.now(), recipient=recipient,
        with_reports=with_reports,
    )  # fmt: skip
    audit.record("export.asked", study, by=by, patient=person_of(study), site_id=row.site_id,
                 study_uid=study.study_instance_uid, export=row.pk, recipient=recipient)  # fmt: skip
    emit("export.asked", row, by=by)
    return row


def person_of(study: Study) -> int | None:
    """Whose study it is, for the audit trail."""
    link = study.links.filter(active=True).select_related("requested_procedure__order").first()
    if link is not None:
        return link.requested_procedure.order.patient_id
    outside = getattr(study, "outside", None)
    return outside.patient_id if outside is not None else None


def people_of(studies: Iterable[Study]) -> dict[int, Patient]:
    """Whose each study is, by its key, as the person is known now; two queries, however many there are."""
    keys = [study.pk for study in studies]
    links = StudyLink.objects.filter(study__in=keys, active=True)
    linked = links.select_related("requested_procedure__order__patient__merged_into").order_by("-pk")
    brought = OutsideStudy.objects.filter(study__in=keys).select_related("patient__merged_into")
    outside = {one.study_id: one.patient.current for one in brought}
    return outside | {one.study_id: one.requested_procedure.order.patient.current for one in linked}


def make(event: Event) -> None:
    """`export.asked`: made on the side and put in its place whole; safe to run twice."""
    row = StudyExport.objects.select_related("study").get(pk=event.target_id)
    if not EXPORT.within(row, "waiting"):
        return
    if is_moving(row.study.study_instance_uid):
        raise DeliveryError("This study is being moved to another patient. It is handed out when that is over.")
    part = export_path(row).with_suffix(f".{event.pk}")
    try:
        reports = _write(row, part)
    except (ArchiveError, zipfile.BadZipFile) as error:
        part.unlink(missing_ok=True)
        words = error.message if isinstance(error, ArchiveError) else "The archive's ZIP is damaged."
        if isinstance(error, ArchiveError) and not error.permanent:
            raise DeliveryError(words) from error
        EXPORT.advance(row, "fail", problem=words[:255])
        return
    part.replace(export_path(row))
    EXPORT.advance(row, "make", size=export_path(row).stat().st_size, reports=reports, problem="")


def _write(row: StudyExport, part: Path) -> int:
    """How many reports went in. Raises ArchiveError when an object of the study is missing in the ZIP."""
    expected = _download(row.study, get_objects(), part)
    reports = _reports(row)
    with zipfile.ZipFile(part, "a") as archive:
        names = archive.namelist()
        if DIRECTORY not in names or len(names) != expected + 1:
            raise ArchiveError("The archive's ZIP does not hold the whole study.", permanent=False)
        for name, body in reports:
            archive.writestr(f"REPORTS/{name}", body)
        archive.writestr("README.TXT", README)
    return len(reports)


def _download(study: Study, objects: OrthancObjects, part: Path) -> int:
    """How many objects must be in it: what nobody is shown is not handed out either."""
    studies = objects.studies(study.study_instance_uid)
    if len(studies) != 1:
        raise ArchiveError("The archive has not exactly one study of this UID.", permanent=True)
    hidden = set(panels.collect(NOT_SHOWN, study))
    held = objects.held(studies[0].archive_id)
    shown = [one.archive_id for one in held if one.series_uid not in hidden]
    if len(shown) == len(held):
        objects.download_media(studies[0].archive_id, part)
    else:
        objects.download_media_of(shown, part)
    return len(shown)


def _reports(row: StudyExport) -> list[tuple[str, bytes]]:
    if not row.with_reports:
        return []
    links = row.study.links.filter(active=True)
    procedures = list(links.values_list("requested_procedure", flat=True))
    found: list[tuple[str, bytes]] = panels.collect(SIGNED_REPORTS, procedures)
    return found


@transaction.atomic
def hand_out(row: StudyExport, *, by: User) -> Path:
    """The file, each time with its line on the audit trail. Raises NotPermitted, NotFound when it is gone."""
    if row.asked_by_id != by.pk or not may_export(by, row.study):
        raise NotPermitted("A ZIP is handed out to the person who asked for it.")
    path = export_path(row)
    if not EXPORT.within(row, "made") or not path.exists():
        raise NotFound("This ZIP is not there any more. Ask for it again.")
    if _is_stale(row):
        raise NotFound("Whose these images are, or what was reported of them, changed since. Ask for the ZIP again.")
    audit.record("export.handed-out", row.study, by=by, patient=person_of(row.study), site_id=row.site_id,
                 study_uid=row.study.study_instance_uid, export=row.pk, recipient=row.recipient)  # fmt: skip
    return path


def _is_stale(row: StudyExport) -> bool:
    """Whether the study was closed, linked otherwise or moved since it was asked for, or its reports changed.

    Without the reports too: the archive's copies of withdrawn ones would lie among the images.
    """
    links = row.study.links.filter(Q(linked_at__gt=row.asked_at) | Q(ended_at__gt=row.asked_at))
    moved = row.study.rehomings.filter(asked_at__gt=row.asked_at)
    if not STUDY.within(row.study, "readable") or links.exists() or moved.exists():
        return True
    procedures = list(row.study.links.values_list("requested_procedure", flat=True))
    return bool(panels.collect(CHANGED_REPORTS, procedures, row.asked_at))


def expire() -> int:
    """A timer: a ZIP with a person in it does not lie about for longer than a day."""
    old = StudyExport.objects.filter(state__in=EXPORT.groups["made"], asked_at__lt=timezone.now() - KEPT)
    for row in old:
        export_path(row).unlink(missing_ok=True)
        EXPORT.advance(row, "expire")
    return len(old)
