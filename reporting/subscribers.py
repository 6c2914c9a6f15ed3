"""What reporting does when something happened elsewhere."""

from __future__ import annotations

from django.utils import timezone

from reporting.models import KeyImage, ReportVersion
from ris.core.actors import Actor, SystemActor
from ris.dicom.archive.errors import ArchiveError
from ris.events.errors import DeliveryError
from ris.events.models import Delivery, Event
from ris.orders.models import Order
from ris.scheduling.models import ScheduledProcedureStep
from worklist.models import ReadingTask, Study

DELIVERY = SystemActor("delivery")
ARCHIVE = "reporting.archive"


def read_objects(event: Event) -> None:
    """The viewer stored objects: read each back from the archive and take its numbers into the report.

    One that the archive cannot give now does not hold up the others.
    """
    from reporting.actions.objects import receive_object

    missed: list[ArchiveError] = []
    for sop_uid in event.payload["sop_uids"]:
        try:
            receive_object(event.payload["study_uid"], sop_uid, by=DELIVERY)
        except ArchiveError as error:
            missed.append(error)
    if missed:
        raise DeliveryError(missed[0].message, permanent=all(error.permanent for error in missed)) from missed[0]


def read_study(event: Event) -> None:
    """A study is a case's, or has other series: take in the reports that devices stored, let go of what is gone."""
    from reporting.actions.devices import receive_study

    try:
        receive_study(Study.objects.get(pk=event.target_id), by=DELIVERY)
    except ArchiveError as error:
        raise DeliveryError(error.message, permanent=error.permanent) from error


def picture_key_image(event: Event) -> None:
    """Somebody pointed out an image: its picture comes from the archive."""
    from reporting.picturing import picture

    try:
        picture(KeyImage.objects.get(pk=event.target_id), by=DELIVERY)
    except ArchiveError as error:
        raise DeliveryError(error.message, permanent=error.permanent) from error


def archive_key_images(event: Event) -> None:
    """A version with key images was signed: they go into the study as one Key Object Selection, and are read back."""
    from reporting.actions.select import publish_key_images

    version = ReportVersion.objects.get(pk=event.payload["version_id"])
    try:
        publish_key_images(version, by=DELIVERY)
    except ArchiveError as error:
        raise DeliveryError(str(error), permanent=error.permanent) from error


def follow_study(event: Event) -> None:
    """A study was linked, unlinked or closed: drafts let go of the numbers of images that are not theirs."""
    from reporting.actions.objects import refill_reports

    refill_reports(Study.objects.get(pk=event.target_id), by=DELIVERY)


def tell_signers(event: Event) -> None:
    """A study was linked, unlinked or closed: a report on it that waits for its release goes back to its signer; who
    signed another hears that its images went, or are back; and who flagged or told a critical finding, that they were
    another patient's.
    """
    from reporting.critical.closed import warn_of_closing
    from reporting.delay.actions import keep_back
    from reporting.moved.telling import follow_moves, note_changed

    study = Study.objects.get(pk=event.target_id)
    keep_back(study, by=DELIVERY)
    follow_moves(study, by=DELIVERY)
    note_changed(study)
    warn_of_closing(study)


def follow_exam(event: Event) -> None:
    """The technologist or the device said more of an exam: untouched technique sections follow."""
    from reporting.actions.objects import refill_case

    step = ScheduledProcedureStep.objects.select_related("requested_procedure").get(pk=event.target_id)
    for task in step.requested_procedure.reading_tasks.all():
        refill_case(task, by=DELIVERY)


def archive_version(event: Event) -> None:
    """A version was signed: its Encapsulated PDF goes into the study, once, and is read back."""
    from reporting.actions.publish import publish_version

    version = ReportVersion.objects.get(pk=event.payload["version_id"])
    try:
        publish_version(version, by=DELIVERY)
    except ArchiveError as error:
        raise DeliveryError(str(error), permanent=error.permanent) from error


def release(event: Event) -> None:
    """A signed report has waited long enough: it leaves, unless its signer recalled it."""
    from reporting.delay.actions import release_due

    version = ReportVersion.objects.get(pk=event.payload["version_id"])
    release_due(version, now=timezone.now(), by=DELIVERY)


def release_urgent_of(order: Order, by: Actor) -> None:
    """Part of an order's modification: what is urgent now does not wait any longer for its release."""
    from reporting.delay.actions import release_urgent

    for task in ReadingTask.objects.filter(requested_procedures__order=order).distinct().order_by("pk"):
        release_urgent(task, by=by)


def give_up(delivery: Delivery) -> None:
    """The copy for the archive waits for a person."""
    if delivery.subscriber == ARCHIVE:
        from reporting.actions import note_given_up

        note_given_up(_version_of(delivery), by=DELIVERY)


def set_out_again(delivery: Delivery) -> None:
    """The copy for the archive is on its way again."""
    if delivery.subscriber == ARCHIVE:
        from reporting.actions import note_sent_again

        note_sent_again(_version_of(delivery), by=DELIVERY)


def _version_of(delivery: Delivery) -> int:
    return int(delivery.event.payload.get("version_id", 0))
