"""Reading tasks: made when there is something to read, claimed by one reader, given back."""

from __future__ import annotations

from django.db import models, transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, NotPermitted, TransitionError
from ris.events import emit
from ris.orders.models import PRIORITY_RANK, Order, RequestedProcedure
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from worklist import permissions
from worklist.lifecycle import READING
from worklist.models import ReadingTask, Study, StudyLink
from worklist.reading.deadlines import due_at


def task_for_study(study: Study, *, by: Actor) -> None:
    """Images arrived: cases whose steps are over become readable, a STAT one from its first image (rule 2)."""
    links = StudyLink.objects.filter(study=study, active=True).select_related("requested_procedure__order")
    for link in links.order_by("requested_procedure_id"):
        requested = link.requested_procedure
        stat = requested.order.is_urgent
        if stat or not _steps_left(requested):
            ensure_task(requested, by=by)
    _give_back_to_lists(study, by=by)
    count_images(study)


def tell_readers_of_more(study: Study) -> None:
    """Images came to a case after its reader had taken it: the pane says so (rule 2)."""
    links = StudyLink.objects.filter(study=study, active=True)
    tasks = ReadingTask.objects.filter(
        requested_procedures__in=links.values("requested_procedure"), state__in=READING.groups["mine"]
    )
    now = timezone.now()
    ReadingTask.objects.filter(pk__in=tasks.values("pk")).update(images_added_at=now, changed_at=now)


def _give_back_to_lists(study: Study, *, by: Actor) -> None:
    """Cases that lost their images to another patient have images of their own now."""
    held = ReadingTask.objects.filter(held=True, requested_procedures__study_links__study=study)
    for task in ReadingTask.objects.select_for_update().filter(pk__in=held.values("pk")).order_by("pk"):
        if task.studies().exists():
            now = timezone.now()  # what was written until now was not written on these images
            ReadingTask.objects.filter(pk=task.pk).update(held=False, images_closed_at=now, changed_at=now)
            audit.record("reading.restored", task, by=by)


def task_for_completed_step(step: ScheduledProcedureStep, by: Actor) -> None:
    """The device is done: the case becomes readable if its images are here already."""
    links = StudyLink.objects.filter(requested_procedure__in=sharing(step.requested_procedure), active=True)
    linked = RequestedProcedure.objects.filter(pk__in=links.values("requested_procedure")).select_related("order")
    for requested in linked.order_by("pk"):
        if not _steps_left(requested):
            ensure_task(requested, by=by)


def _steps_left(requested: RequestedProcedure) -> bool:
    """Its own, and those of the same accession number whose patient is here: a case is read once, as a whole."""
    if requested.steps.filter(state__in=STEP.groups["live"]).exists():
        return True
    beside = ScheduledProcedureStep.objects.filter(requested_procedure__in=sharing(requested))
    return beside.filter(state__in=STEP.groups["here"]).exists()


def sharing(requested: RequestedProcedure) -> models.QuerySet[RequestedProcedure]:
    """The procedures of the order under this accession number, itself among them: one report answers them."""
    same = {"accession_number": requested.accession_number, "accession_issuer": requested.accession_issuer}
    return RequestedProcedure.objects.filter(order_id=requested.order_id, **same).order_by("pk")


def ensure_task(requested: RequestedProcedure, *, by: Actor) -> ReadingTask:
    """The case of a requested procedure, made once; procedures that share an accession number are one case.

    One that is ready only after the report was signed becomes a case of its own.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("patient").get(pk=requested.order_id)
    task = requested.reading_tasks.first()
    if task is None:
        together = ReadingTask.objects.filter(requested_procedures__in=sharing(requested))
        task = together.filter(state__in=READING.groups["open"]).order_by("pk").first()
        if task is not None:
            task.requested_procedures.add(requested)
            ReadingTask.objects.filter(pk=task.pk).update(changed_at=timezone.now())
            audit.record("reading.joined", task, by=by, accession=requested.accession_number)
    return task or _open_task(requested, order, by=by)


def _open_task(requested: RequestedProcedure, order: Order, *, by: Actor) -> ReadingTask:
    task = ReadingTask.objects.create(
        site_id=order.site_id,
        patient=order.patient.current,
        priority=order.priority,
        rank=PRIORITY_RANK[order.priority],
        due_at=due_at(order.site_id, order.priority, requested.procedure.modality, timezone.now()),
    )
    task.requested_procedures.add(requested)
    audit.record("reading.opened", task, by=by, patient=order.patient_id, accession=requested.accession_number)
    return task


def count_images(study: Study) -> None:
    """Cases that this study belongs to, or belonged to, show how many images they have now."""
    tasks = ReadingTask.objects.filter(requested_procedures__study_links__study=study)
    for task in tasks.distinct():
        total = sum(task.studies().values_list("instance_count", flat=True))
        ReadingTask.objects.filter(pk=task.pk).update(image_count=total, changed_at=timezone.now())


@transaction.atomic
def claim(task: ReadingTask, *, by: User) -> ReadingTask:
    """Give the case to its reader; the first one wins. Claiming one's own case again changes nothing.

    Raises NotPermitted, TransitionError, or ConcurrentUpdateError when somebody else was first.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    permissions.require_read(by, task)
    if task.held:
        raise TransitionError("The images of this case are another patient's and were closed. Nothing can be read now.")
    if READING.within(task, "mine"):
        if task.claimed_by_id == by.pk:
            return task
        raise ConcurrentUpdateError(f"{task.claimed_by} is reading this case. Ask, or take another.")
    READING.advance(task, "claim", claimed_by_id=by.pk, claimed_at=timezone.now(), changed_at=timezone.now())
    audit.record("reading.claimed", task, by=by)
    emit("reading.claimed", task, by=by)
    return task


def claim_next(cases: models.QuerySet[ReadingTask], *, by: User) -> ReadingTask | None:
    """Claim the first of these cases that nobody has, skipping what others take meanwhile; None when none is left."""
    for pk in cases.filter(state__in=READING.groups["free"]).values_list("pk", flat=True):
        task = ReadingTask.objects.get(pk=pk)
        confirms = not READING.within(task, "to_confirm") or by.may("report.sign_final", task.site_id)
        if not confirms or not permissions.may_read(by, task):
            continue
        try:
            return claim(task, by=by)
        except (ConcurrentUpdateError, TransitionError, NotPermitted):
            continue
    return None


@transaction.atomic
def release(task: ReadingTask, *, by: User) -> ReadingTask:
    """Give the case back; what was written stays with it."""
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    permissions.require_read(by, task)
    if task.claimed_by_id != by.pk:
        raise NotPermitted("Only its reader can give this case back.")
    READING.advance(task, "release", claimed_by_id=None, claimed_at=None, changed_at=timezone.now())
    audit.record("reading.released", task, by=by)
    emit("reading.released", task, by=by)
    return task


def note_report(task: ReadingTask, verb: str, *, report_state: str) -> ReadingTask:
    """Part of reporting's transaction: the case follows its report (draft, report-preliminary, report)."""
    return READING.advance(task, verb, report_state=report_state, changed_at=timezone.now())


def follow_priority_of(order: Order, by: Actor) -> None:
    """Part of an order's modification: what waits to be read is as urgent as the order is now."""
    theirs = ReadingTask.objects.filter(requested_procedures__order=order).exclude(priority=order.priority)
    for task in theirs.distinct():
        first = task.requested_procedures.select_related("procedure").order_by("pk")[0]
        ReadingTask.objects.filter(pk=task.pk).update(
            priority=order.priority,
            rank=PRIORITY_RANK[order.priority],
            due_at=due_at(task.site_id, order.priority, first.procedure.modality, task.created_at),
            changed_at=timezone.now(),
        )


def cancel_tasks_of(order: Order, by: Actor) -> None:
    """Part of an order's cancellation: nothing is left to read. What was taken is read (workflow.md rule 4)."""
    if StudyLink.objects.filter(requested_procedure__order=order, active=True).exists():
        raise TransitionError("Images of this order are in the archive: it can only be discontinued now.")
    theirs = ReadingTask.objects.filter(requested_procedures__order=order).values("pk")
    for task in ReadingTask.objects.select_for_update().filter(pk__in=theirs).order_by("pk"):
        READING.advance(task, "cancel", changed_at=timezone.now())
        audit.record("reading.cancelled", task, by=by)
