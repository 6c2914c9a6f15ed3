"""Two exams under one accession number are read as one case."""

from __future__ import annotations

import pytest

from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import AccessionRule, RequestedProcedure
from ris.scheduling.actions import Slot, arrive, book
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import draft, noted, performed, sign
from tests.worklist.mpps.samples import completed, created
from tests.worklist.mpps.test_performed import begin, tell
from tests.world import World
from worklist.models import ReadingTask

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def two(world: World) -> tuple[RequestedProcedure, RequestedProcedure]:
    """Two procedures of one order, whose site gives both the same accession number."""
    AccessionRule.objects.update_or_create(site=world.north, defaults={"prefix": "S", "shared_in_order": True})
    procedures = [world.procedure("CTCHEST"), world.procedure("CTABD")]
    order = place_order(
        world.patient(), site=world.north, procedures=procedures, details=OrderDetails(), by=world.clerk
    )
    one, other = order.procedures.select_related("procedure", "order__patient", "order__site").order_by("pk")
    assert one.accession_number == other.accession_number
    return one, other


def test_one_study_for_both_is_one_case_with_both(
    world: World, two: tuple[RequestedProcedure, RequestedProcedure]
) -> None:
    for requested in two:
        performed(world, requested)
    noted(two[0])
    assert list(ReadingTask.objects.get().requested_procedures.order_by("pk")) == list(two)


def test_the_case_waits_until_the_second_is_done_while_its_patient_is_here(
    world: World, two: tuple[RequestedProcedure, RequestedProcedure]
) -> None:
    slot = Slot(resource=world.room(), start=world.soon(), minutes=20)
    arrive(book(list(two), slot=slot, by=world.clerk), by=world.clerk)
    performed(world, two[0])
    noted(two[0])
    assert not ReadingTask.objects.exists()
    performed(world, two[1])
    assert list(ReadingTask.objects.get().requested_procedures.order_by("pk")) == list(two)


def test_a_second_exam_of_another_day_does_not_hold_up_the_first(
    world: World, two: tuple[RequestedProcedure, RequestedProcedure]
) -> None:
    performed(world, two[0])
    noted(two[0])
    assert list(ReadingTask.objects.get().requested_procedures.all()) == [two[0]]
    performed(world, two[1])
    assert list(ReadingTask.objects.get().requested_procedures.order_by("pk")) == list(two)


def test_a_group_exam_makes_one_case(world: World, two: tuple[RequestedProcedure, RequestedProcedure]) -> None:
    steps = list(ScheduledProcedureStep.objects.filter(requested_procedure__in=two).order_by("pk"))
    begin(world, created(*steps))
    noted(two[0])
    tell(world, completed())
    assert list(ReadingTask.objects.get().requested_procedures.order_by("pk")) == list(two)


def test_the_report_names_the_shared_number_once(
    world: World, two: tuple[RequestedProcedure, RequestedProcedure], signing_key: None
) -> None:
    for requested in two:
        performed(world, requested)
    noted(two[0])
    version = sign(draft(world, task=ReadingTask.objects.get()), world.radiologist)
    assert version.accession_numbers == [two[0].accession_number]


def test_what_becomes_ready_after_the_signature_is_a_case_of_its_own(
    world: World, two: tuple[RequestedProcedure, RequestedProcedure], signing_key: None
) -> None:
    performed(world, two[0])
    noted(two[0])
    sign(draft(world, task=ReadingTask.objects.get()), world.radiologist)
    performed(world, two[1])
    assert [list(task.requested_procedures.all()) for task in ReadingTask.objects.order_by("pk")] == [
        [two[0]],
        [two[1]],
    ]


def test_procedures_with_numbers_of_their_own_stay_two_cases(world: World) -> None:
    patient = world.patient()
    for _ in range(2):
        requested = world.requested(world.order(patient))
        performed(world, requested)
        noted(requested)
    assert ReadingTask.objects.count() == 2
