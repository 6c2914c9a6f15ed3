"""Exams of devices that send no MPPS: closed by their images, opened again by later ones (workflow.md rule 2).

Stable means a quiet minute, not a finished exam: a step is closed so only where the device's profile says that it tells
nothing itself, and only where no second step of the exam could have made the images.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from ris.core.actors import Actor, SystemActor
from ris.core.errors import DomainError
from ris.events.models import Event
from ris.orders.lifecycle import ORDER
from ris.scheduling import actions as scheduling
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep, StepQuerySet
from worklist.actions.reading import count_images, ensure_task
from worklist.lifecycle import STUDY
from worklist.models import Study, StudyLink

MATCHER: Final = SystemActor("matcher")
QUIET: Final = timedelta(seconds=60)
UNCLOSED: Final = timedelta(minutes=30)
AT_ONCE: Final = 200


def close_quiet_steps() -> int:
    """The timer's turn: close what has been quiet for a minute; how many were."""
    return sum(_closed(step) for step in _quiet_steps()[:AT_ONCE])


def open_cases_of_unclosed() -> None:
    """The timer's turn: an exam that nobody ended does not hold up its reading. Half an hour without a new image is
    enough, unless a further step of it is still to come."""
    for link in _readable_without_case()[:AT_ONCE]:
        with transaction.atomic():
            study = Study.objects.select_for_update().get(pk=link.study_id)
            if STUDY.within(study, "readable"):
                ensure_task(link.requested_procedure, by=MATCHER)
                count_images(study)


def reopen_for(study: Study, *, by: Actor) -> None:
    """Part of a study's transaction: images came to a step that was closed for want of more; it closes again later."""
    answered = study.links.filter(active=True).values("requested_procedure")
    over = _of_silent_devices().filter(state__in=STEP.groups["completed"], requested_procedure__in=answered)
    for step in over.order_by("pk"):
        if _was_closed_by_images(step):
            scheduling.reopen_step(step, reason="more images came", by=by)


@transaction.atomic
def close_by_images(step: ScheduledProcedureStep, *, by: Actor) -> ScheduledProcedureStep:
    """Images are the only word of this device: begun if nobody said so, and completed."""
    if STEP.within(step, "waiting"):
        step = scheduling.start_step(step, by=by)
    return scheduling.complete_step(step, by=by)


def _closed(step: ScheduledProcedureStep) -> bool:
    try:
        close_by_images(step, by=MATCHER)
    except DomainError:
        return False  # somebody was quicker, or it may not begin: a person sees it among the unclosed exams
    return True


def _quiet_steps() -> StepQuerySet:
    """With images, none in the last minute, and as many as the catalogue expects."""
    before = timezone.now() - QUIET
    mine = models.Q(links__requested_procedure=models.OuterRef("requested_procedure"), links__active=True)
    studies = Study.objects.filter(mine, state__in=STUDY.groups["readable"])
    counted = studies.order_by().values("links__requested_procedure").annotate(n=models.Sum("instance_count"))
    steps = _of_silent_devices().filter(state__in=STEP.groups["live"])
    images = models.Subquery(counted.values("n")[:1], output_field=models.IntegerField())
    expected = Coalesce("requested_procedure__procedure__expected_images", 1)
    steps = steps.filter(GreaterThanOrEqual(images, expected))
    restless = studies.filter(models.Q(grew_at__gte=before) | models.Q(grew_at__isnull=True))
    return steps.exclude(models.Exists(restless)).filter(_is_only_step()).order_by("pk")


def _of_silent_devices() -> StepQuerySet:
    return ScheduledProcedureStep.objects.filter(node__profile__sends_mpps=False)


def _is_only_step() -> models.Q:
    others = ScheduledProcedureStep.objects.filter(requested_procedure=models.OuterRef("requested_procedure"))
    others = others.exclude(pk=models.OuterRef("pk")).exclude(state__in=STEP.groups["gone"])
    return models.Q(~models.Exists(others))


def _readable_without_case() -> models.QuerySet[StudyLink]:
    before = timezone.now() - UNCLOSED
    quiet = StudyLink.objects.filter(active=True, study__state__in=STUDY.groups["readable"], study__grew_at__lt=before)
    to_come = ScheduledProcedureStep.objects.filter(
        requested_procedure=models.OuterRef("requested_procedure"),
        state__in=STEP.groups["waiting"],
        start__gt=timezone.now() - UNCLOSED,
    )
    open_orders = {"requested_procedure__order__state__in": ORDER.groups["matchable"]}
    rows = quiet.filter(requested_procedure__reading_tasks__isnull=True, **open_orders)
    rows = rows.exclude(models.Exists(to_come)).select_related("requested_procedure__order")
    return rows.order_by("pk")


def _was_closed_by_images(step: ScheduledProcedureStep) -> bool:
    ended = Event.objects.filter(kind="step.completed", target_id=str(step.pk)).order_by("-pk").first()
    return ended is not None and ended.actor_id == MATCHER.id
