"""After a signature of a report or of what amends it: each measurement of before is a final object in the archive."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from reporting.lifecycle import OBJECT, REPORT
from reporting.models import Report, ReportVersion, StoredObject
from reporting.publish import key_objects
from reporting.publish.uids import Place
from ris import audit
from ris.core.actors import Actor
from ris.core.identifiers import uid
from ris.dicom import sandbox
from ris.dicom.archive import Archive, get_archive, store_verified
from ris.dicom.datasets import STRUCTURED_REPORTS, InstanceRef
from ris.events import emit
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery, Event
from viewer.actions import STORE_KEPT
from viewer.beside.lately import note_stored
from worklist.lifecycle import STUDY
from worklist.models import Study

FINAL = frozenset({"final", "addendum", "correction"})
# Who takes what was measured on: into the archive, and from there into the report.
ON_THE_WAY = (STORE_KEPT, "reporting.read_objects")
REPLACED = ("113001", "DCM", "Rejected for Quality Reasons")  # PS3.16 CID 7011
WHOLE_SECOND = timedelta(seconds=1)  # a signature has no fractions
NOTE_WORDS = "The preliminary measurements were replaced by the final ones when the report was signed."


def place_of(sop_uid: str) -> Place:
    """Where the final form of an object stands; the same for each try."""
    return Place(uid("final-sr-series", sop_uid), uid("final-sr", sop_uid))


def finalize_measurements(version: ReportVersion, *, by: Actor) -> list[str]:
    """Store the final form of every preliminary SR that the signed version could have taken numbers from; their UIDs.

    Safe to repeat: what `still_comes` is made final by a later run. The report is not touched: its numbers were frozen
    with the signature. Nothing is made of a report that was withdrawn meanwhile, nor in a study that is closed.
    Raises ArchiveError, SandboxRefused.
    """
    report = Report.objects.select_related("task", "site").get(pk=version.report_id)
    if version.kind not in FINAL or REPORT.within(report, "withdrawn"):
        return []
    archive = get_archive()
    return [sop for one in _preliminary(version) if (sop := _finalize(archive, version, report, one, by))]


def still_comes(version: ReportVersion) -> bool:
    """Whether something that was measured before the signature is not read yet: it waits for the archive, or for us."""
    studies = list(version.report.task.studies())
    waiting = Delivery.objects.filter(
        subscriber__in=ON_THE_WAY, state__in=DELIVERY.groups["open"] | DELIVERY.groups["stuck"],
        event__in=_events(studies),
    )  # fmt: skip
    before = _before(version, studies)
    return any(before.intersection(delivery.event.payload["sop_uids"]) for delivery in waiting.select_related("event"))


def _preliminary(version: ReportVersion) -> list[StoredObject]:
    """Those that came through the viewer before the signature; a device's own reports are its own affair."""
    rows = StoredObject.objects.filter(
        task=version.report.task_id, state__in=OBJECT.groups["usable"],
        sop_class_uid__startswith=STRUCTURED_REPORTS,
    )  # fmt: skip
    open_to_reading = Study.objects.filter(state__in=STUDY.groups["readable"])
    found = list(rows.filter(study_instance_uid__in=open_to_reading.values("study_instance_uid")).order_by("pk"))
    before = _before(version, open_to_reading.filter(study_instance_uid__in=[one.study_instance_uid for one in found]))
    return [one for one in found if one.sop_instance_uid in before]


def _events(studies: Iterable[Study]) -> QuerySet[Event]:
    """What came through the viewer's door for these studies, or was made final of it."""
    keys = [str(study.pk) for study in studies]
    about = Event.objects.filter(target_kind=Study._meta.label_lower, target_id__in=keys)
    return about.filter(kind__in=("object.kept", "object.stored"))


def _before(version: ReportVersion, studies: Iterable[Study]) -> frozenset[str]:
    """What came through the viewer's door before the signature, whenever the archive took it and we read it."""
    until = version.created_at + WHOLE_SECOND
    return _named(_events(studies).filter(at__lt=until))


def _named(events: QuerySet[Event]) -> frozenset[str]:
    """The objects that the events speak of."""
    return frozenset(sop for payload in events.values_list("payload", flat=True) for sop in payload["sop_uids"])


def _finalize(archive: Archive, version: ReportVersion, report: Report, one: StoredObject, by: Actor) -> str:
    """The UID of the final object; "" when the archive's object is not a preliminary one."""
    ref = InstanceRef(one.study_instance_uid, one.series_instance_uid, one.sop_instance_uid)
    made = sandbox.call(
        "viewer.finals.document.finalize", archive.retrieve(ref), json.dumps(_facts(version, report, one))
    )
    if not made:
        return ""
    store_verified(archive, b64decode(made["part10"]))
    if settings.PRELIMINARY_SR == "reject":
        store_verified(archive, _rejection(archive, version, report, ref, one.sop_class_uid))
    final = place_of(one.sop_instance_uid).sop_uid
    study = Study.objects.get(study_instance_uid=one.study_instance_uid)
    if final not in _named(_events([study]).filter(kind="object.stored")):  # else an earlier run told of it
        _tell(report, study, one, final, by)
    return final


@transaction.atomic
def _tell(report: Report, study: Study, one: StoredObject, final: str, by: Actor) -> None:
    uids: dict[str, Any] = {"study_uid": one.study_instance_uid, "sop_uids": [final]}
    audit.record("object.finalized", study, by=by, patient=report.task.patient_id, follows=one.sop_instance_uid, **uids)
    emit("object.stored", study, by=by, **uids)
    note_stored(one.study_instance_uid, [final])


def _facts(version: ReportVersion, report: Report, one: StoredObject) -> dict[str, str]:
    place = place_of(one.sop_instance_uid)
    signed_at = _signed_at(version, report)
    return {
        "sop_uid": place.sop_uid,
        "series_uid": place.series_uid,
        "signer": _signer(version),
        "organization": report.site.name[:64],
        "signed_at": f"{signed_at:%Y%m%d%H%M%S%z}",
        "date": f"{signed_at:%Y%m%d}",
        "time": f"{signed_at:%H%M%S}",
    }


def _signer(version: ReportVersion) -> str:
    return str(version.content["signer"]["name"]).replace("\\", " ")


def _signed_at(version: ReportVersion, report: Report) -> datetime:
    return datetime.fromisoformat(version.content["signed_at"]).astimezone(report.site.zone)


def _rejection(archive: Archive, version: ReportVersion, report: Report, old: InstanceRef, sop_class: str) -> bytes:
    """A rejection note on the preliminary object (IHE IOCM, RAD TF-2 4.66.4.1.3.1): archives that know it hide it."""
    selection = key_objects.Selection(
        sop_instance_uid=uid("sr-rejection", old.sop_instance_uid),
        series_instance_uid=uid("sr-rejection-series", old.sop_instance_uid),
        number=1,
        created_at=_signed_at(version, report),
        observer=_signer(version).replace("^", " "),
        words=NOTE_WORDS,
        title=REPLACED,
        description="Rejection note",
    )
    note = key_objects.KeyObject(old.series_instance_uid, sop_class, old.sop_instance_uid, value_type="COMPOSITE")
    return key_objects.build([note], source=archive.instance_metadata(old), selection=selection)
