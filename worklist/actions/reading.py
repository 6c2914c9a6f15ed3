"""Reading tasks: made when there is something to read, claimed by one reader, given back."""

from __future__ import annotations

from django.db import connection, models, transaction
from django.urls import reverse
from django.utils import timezone

from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, NotPermitted, TransitionError
from ris.events import emit
from ris.notifications.actions import notify
from ris.orders.models import PRIORITY_RANK, Order, RequestedProcedure
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from worklist import permissions
from worklist.lifecycle import GIVEN_BACK, PERFORMED, READING
from worklist.models import PerformedProcedureStep, PerformedSeries, ReadingTask, Study, StudyLink
from worklist.reading.deadlines import due_at
from worklist.reading.duty import whose
from worklist.reading.facets import describe, image_state
from worklist.reading.leases import lease_from
from worklist.reading.turns import begin_turn, end_turn
from worklist.reconcile.parts import images_in
from worklist.rehoming.gone import series_gone


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
    """Images came to a case after its reader had taken it, or read it: list and pane say so (rule 2).

    Whoever has signed gets a notice too, since nobody looks at a signed case by himself.
    """
    links = StudyLink.objects.filter(study=study, active=True)
    tasks = ReadingTask.objects.filter(
        requested_procedures__in=links.values("requested_procedure"), state__in=READING.groups["seen"]
    )
    now = timezone.now()
    ReadingTask.objects.filter(pk__in=tasks.values("pk")).update(images_added_at=now, changed_at=now)
    for task in tasks.filter(state__in=READING.groups["signed"]).select_related("claimed_by", "site").distinct():
        if task.claimed_by is not None:
            notify(
                [task.claimed_by], key=f"study-grew/{task.pk}/{study.pk}/{study.instance_count}", site=task.site,
                subject="More images after you signed",
                text=f"{study.description or 'A study'} has {study.instance_count} images now. Look, and say whether"
                " the report stands.",
                link=reverse("worklist:grown"),
            )  # fmt: skip


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
    for task in ReadingTask.objects.filter(requested_procedures__in=linked.values("pk")).distinct().order_by("pk"):
        _count(task)


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
            facets = describe(task) | {"exam_at": task.exam_at, "changed_at": timezone.now()}
            ReadingTask.objects.filter(pk=task.pk).update(**facets)
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
    for name, value in (describe(task) | whose(task, requested)).items():
        setattr(task, name, value)
    task.save()
    audit.record("reading.opened", task, by=by, patient=order.patient_id, accession=requested.accession_number)
    if task.assigned_at:
        audit.record("reading.assigned", task, by=by, why=task.assigned_why)
        emit("reading.assigned", task, by=by, to=task.assigned_to_id, group=task.assigned_group_id)
    return task


def note_changed(study: Study) -> None:
    """What belongs to it is not what it was: its links, its series."""
    study.changed_at = timezone.now()
    Study.objects.filter(pk=study.pk).update(changed_at=study.changed_at)


def count_images(study: Study) -> None:
    """Cases that this study belongs to, or belonged to, show how many images they have now, and of how many."""
    tasks = ReadingTask.objects.filter(requested_procedures__study_links__study=study)
    for task in tasks.distinct():
        _count(task)


def _count(task: ReadingTask) -> None:
    total = sum(images_in(task, one) for one in task.studies())
    state = image_state(total, expected_images(task))
    ReadingTask.objects.filter(pk=task.pk).update(image_count=total, image_state=state, changed_at=timezone.now())


def expected_images(task: ReadingTask) -> int | None:
    """As many as devices say that they made, else as the catalogue expects; None when nobody says."""
    procedures = task.requested_procedures.all()
    over = PerformedProcedureStep.objects.filter(
        steps__requested_procedure__in=procedures, wrong_patient=False, state__in=PERFORMED.groups["over"]
    )
    series = PerformedSeries.objects.filter(performed__in=over.values("pk"))
    series = series.exclude(series_instance_uid__in=series_gone(procedures.values("pk")))
    made = series.aggregate(n=models.Sum("images"))["n"]
    usual = procedures.aggregate(n=models.Sum("procedure__expected_images"))["n"]
    return int(made) if made else usual


@transaction.atomic
def claim(task: ReadingTask, *, by: User) -> ReadingTask:
    """Give the case to its reader, with a lease; the first one wins. Claiming one's own again only renews the lease.

    Raises NotPermitted, TransitionError, or ConcurrentUpdateError when somebody else was first.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    permissions.require_read(by, task)
    if task.held:
        raise TransitionError("The images of this case are another patient's and were closed. Nothing can be read now.")
    if READING.within(task, "mine"):
        if task.claimed_by_id == by.pk:
            ReadingTask.objects.filter(pk=task.pk).update(lease_until=lease_from(timezone.now()))
            return task
        raise ConcurrentUpdateError(f"{task.claimed_by} is reading this case. Ask, or take another.")
    now = timezone.now()
    READING.advance(task, "claim", claimed_by_id=by.pk, claimed_at=now, lease_until=lease_from(now), changed_at=now)
    begin_turn(task.pk, by.pk, now)
    audit.record("reading.claimed", task, by=by)
    emit("reading.claimed", task, by=by)
    return task


def claim_next(cases: models.QuerySet[ReadingTask], *, by: User) -> ReadingTask | None:
    """Claim the first of these cases that nobody has, skipping what others take meanwhile; None when none is left."""
    for pk in cases.filter(state__in=READING.groups["free"]).values_list("pk", flat=True):
        try:
            if (task := _claim_if_free(pk, by=by)) is not None:
                return task
        except (ConcurrentUpdateError, TransitionError, NotPermitted):
            continue
    return None


@transaction.atomic
def _claim_if_free(pk: int, *, by: User) -> ReadingTask | None:
    """None for a case that somebody is taking at this moment, or that is not for this reader: nobody is waited for."""
    skip = connection.features.has_select_for_update_skip_locked
    free = ReadingTask.objects.filter(pk=pk, state__in=READING.groups["free"])
    task = free.select_for_update(skip_locked=skip).first()
    if task is None or not permissions.may_read(by, task):
        return None
    if READING.within(task, "to_confirm") and not by.may("report.sign_final", task.site_id):
        return None
    return claim(task, by=by)


@transaction.atomic
def release(task: ReadingTask, *, by: User, ended: str = "released") -> ReadingTask:
    """Give the case back; what was written stays with it, and a preliminary report waits again to be confirmed."""
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    permissions.require_read(by, task)
    if task.claimed_by_id != by.pk:
        raise NotPermitted("Only its reader can give this case back.")
    let_go(task, ended=ended)
    audit.record("reading.released", task, by=by)
    emit("reading.released", task, by=by)
    return task


def let_go(task: ReadingTask, *, ended: str) -> None:
    """Part of a transaction that has locked the case: nobody has it any more."""
    verb = GIVEN_BACK.get(task.report_state, "release")
    now = timezone.now()
    READING.advance(task, verb, claimed_by_id=None, claimed_at=None, lease_until=None, changed_at=now)
    end_turn(task.pk, ended, now)


def note_report(task: ReadingTask, verb: str, *, report_state: str) -> ReadingTask:
    """Part of reporting's transaction: the case follows its report (draft, report-preliminary, report).

    Typing is a sign of life: it renews the lease.
    """
    now = timezone.now()
    READING.advance(task, verb, report_state=report_state, changed_at=now, lease_until=lease_from(now))
    if not READING.within(task, "mine"):
        end_turn(task.pk, "signed", now)
        # What came before was shown to who signed; what comes from now on is news.
        ReadingTask.objects.filter(pk=task.pk).update(images_added_at=None)
    return task


def follow_amended(task: ReadingTask, *, report_state: str) -> None:
    """Part of reporting's transaction: the signed report has a further version; the case stays closed."""
    ReadingTask.objects.filter(pk=task.pk).update(report_state=report_state, changed_at=timezone.now())


def reopen_task(task: ReadingTask, *, report_state: str) -> None:
    """Part of reporting's transaction: the report was withdrawn, and the case waits to be read again.

    Whoever has it, to confirm a preliminary report or to change it, has it no more.
    """
    ended = "released" if READING.within(task, "mine") else "signed"
    READING.advance(
        task, "reopen", report_state="", claimed_by_id=None, claimed_at=None, lease_until=None,
        changed_at=timezone.now(), held=_lost_its_images(task),
    )  # fmt: skip
    end_turn(task.pk, ended, timezone.now())


def _lost_its_images(task: ReadingTask) -> bool:
    """All were closed or moved away while it was signed: open again, there is nothing to read in it."""
    return task.images_closed_at is not None and not task.studies().exists()


def return_case(task: ReadingTask, *, to: User) -> None:
    """Part of reporting's transaction: a preliminary report goes back, and the case is its author's again."""
    now = timezone.now()
    if READING.within(task, "mine"):
        let_go(task, ended="released")
    READING.advance(
        task, "return", report_state="draft", claimed_by_id=to.pk, claimed_at=now, lease_until=lease_from(now),
        changed_at=now,
    )  # fmt: skip
    begin_turn(task.pk, to.pk, now)


def recall_case(task: ReadingTask, *, to: User | None, report_state: str) -> None:
    """Part of reporting's transaction: a report was recalled before it left, and the case is its signer's again.

    With nobody to have it, it waits as any other.
    """
    now = timezone.now()
    READING.advance(
        task, "recall", report_state=report_state, claimed_by_id=to.pk if to else None, claimed_at=now,
        lease_until=lease_from(now), changed_at=now, held=_lost_its_images(task),
    )  # fmt: skip
    if to is None:
        let_go(task, ended="released")
    else:
        begin_turn(task.pk, to.pk, now)


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
        end_turn(task.pk, "cancelled", timezone.now())
        audit.record("reading.cancelled", task, by=by)
