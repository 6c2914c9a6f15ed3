"""A person decides about a study while the archive tells of it: one after the other, whichever comes first."""

from __future__ import annotations

from functools import partial

import pytest

from tests.exam import noted, performed
from tests.rivals import at_once
from tests.world import World
from worklist.actions import decisions
from worklist.models import ReadingTask, Study
from worklist.reconcile.decisions import StudyDecision

LOST = {"study_instance_uid": "2.25.99", "accession_number": ""}
ROUNDS = 6

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


def test_links_and_notices_of_one_study_do_not_cross(live_world: World) -> None:
    world, requested = live_world, live_world.requested()
    people = (world.technologist, world.radiologist)
    performed(world, requested)
    study = noted(requested, **LOST)
    for count in range(ROUNDS):
        telling = partial(noted, requested, **LOST, instance_count=200 + count)
        linking = [partial(decisions.link, study, requested, reason="Same exam", by=who) for who in people]
        assert sum(at_once([[telling], [linking[0]], [linking[1]]])) == 2, "of two who decide the same, one did"
        study.refresh_from_db()  # open at once, or when the archive, told after the link, names the order's patient
        assert study.links.filter(active=True).count() == 1
        assert noted(requested, **LOST, instance_count=200 + count).state == "matched"
        assert not ReadingTask.objects.get().held
        parting = [partial(decisions.unlink, study, reason="Not this one", by=who) for who in people]
        assert sum(at_once([[telling], [parting[0]], [parting[1]]])) == 2
        study.refresh_from_db()
        assert (study.state, study.links.filter(active=True).count()) == ("unmatched", 0)
        assert ReadingTask.objects.get().held
    assert StudyDecision.objects.count() == 2 * ROUNDS, "of two who decide the same, one did"


def test_an_undo_and_a_new_decision_leave_one_story(live_world: World) -> None:
    world, requested = live_world, live_world.requested()
    other = world.requested(world.order(requested.order.patient, code="MRBRAIN"))
    for one in (requested, other):
        performed(world, one)
    study = noted(requested, **LOST)
    for _ in range(ROUNDS):
        first = decisions.link(study, requested, reason="Same exam", by=world.technologist)
        undoing = partial(decisions.undo, first, reason="No", by=world.radiologist)
        linking = partial(decisions.link, study, other, reason="That one too", by=world.technologist)
        assert sum(at_once([[undoing], [linking]])) >= 1
        now = Study.objects.get(pk=study.pk)
        linked = set(now.links.filter(active=True).values_list("requested_procedure_id", flat=True))
        standing = StudyDecision.objects.standing().filter(study=study).order_by("-pk").first()
        assert linked == ({one["requested"] for one in standing.after} if standing else set())
        while standing is not None:
            decisions.undo(standing, reason="Again", by=world.technologist)
            standing = StudyDecision.objects.standing().filter(study=study).order_by("-pk").first()
        assert not study.links.filter(active=True).exists()
