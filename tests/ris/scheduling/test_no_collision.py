"""One slot, one patient: whatever the code does, the database has the last word."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from ris.core.errors import Collision, DomainError
from ris.scheduling.actions import (
    Slot,
    book,
    cancel_appointment,
    complete_step,
    miss,
    move,
    reopen,
    restore,
    start_step,
)
from ris.scheduling.models import Appointment, Closure, Reservation
from tests.ris.scheduling.parts import furnish_parts, nine, placed, wanted
from tests.world import World

Attempt = Callable[[], object]


def test_a_taken_slot_is_refused_in_words(world: World) -> None:
    start = world.soon()
    world.booking(start=start)
    with pytest.raises(Collision, match="CT 1 is taken"):
        world.booking(world.order(world.patient("Other")), start=start + timedelta(minutes=10))
    assert Appointment.objects.count() == 1


def test_touching_slots_do_not_collide(world: World) -> None:
    start = world.soon()
    world.booking(start=start)
    world.booking(world.order(world.patient("Other")), start=start + timedelta(minutes=20))
    assert Appointment.objects.count() == 2


def test_a_cancelled_slot_is_free_again(world: World) -> None:
    start = world.soon()
    cancel_appointment(world.booking(start=start), reason="Patient called", by=world.clerk)
    world.booking(world.order(world.patient("Other")), start=start)
    assert Reservation.objects.filter(active=True).count() == 1


def test_moving_onto_another_is_refused_and_changes_nothing(world: World) -> None:
    first = world.booking()
    second = world.booking(world.order(world.patient("Other")))
    before = second.start
    with pytest.raises(Collision):
        move(second, slot=Slot(resource=world.room(), start=first.start, minutes=20), by=world.clerk)
    second.refresh_from_db()
    assert second.start == before


@pytest.mark.db
def test_an_overlapping_row_written_past_the_code_is_refused_by_the_database(world: World) -> None:
    held = world.booking().reservation
    rival = world.booking(world.order(world.patient("Other"))).reservation
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'UPDATE scheduling_reservation SET start = %s, "end" = %s WHERE id = %s', [held.start, held.end, rival.pk]
        )
    assert Reservation.objects.get(pk=rival.pk).start == rival.start


@pytest.mark.db
def test_of_twenty_clerks_on_one_slot_exactly_one_wins(live_world: World) -> None:
    start = live_world.soon()
    wanted = [live_world.requested(live_world.order(live_world.patient(f"Rival{n}"))) for n in range(20)]
    slot = Slot(resource=live_world.room(), start=start, minutes=20)
    outcomes = at_once([partial(book, [requested], slot=slot, by=live_world.clerk) for requested in wanted])
    assert sorted(outcomes) == ["slot-taken"] * 19 + ["won"]
    assert Appointment.objects.count() == 1


@pytest.mark.db
def test_of_two_hundred_who_want_one_time_at_once_exactly_one_wins_whatever_they_do(live_world: World) -> None:
    """Booking, moving, stretching and restoring at once; all times wished for overlap each other."""
    world = live_world
    target = timezone.now().replace(second=0, microsecond=0) - timedelta(days=2)
    attempts = [*_bookings(world, target, 130), *_moves(world, target, 39), *_restorations(world, target, 30)]
    attempts.append(_stretching(world, target))
    assert len(attempts) == 200
    outcomes = at_once(attempts)
    assert sorted(outcomes) == ["slot-taken"] * 199 + ["won"]
    held = Reservation.objects.filter(active=True, resource=world.room(), lane=0, end__gt=target)
    assert held.filter(start__lt=target + timedelta(minutes=10)).count() == 1


@pytest.mark.db
def test_two_hundred_who_book_move_stretch_restore_cancel_and_reopen_at_once_leave_no_overlap(
    live_world: World,
) -> None:
    """Who holds the time gives it up meanwhile: at most one gets it, and every other act does what it says."""
    world = live_world
    target = timezone.now().replace(second=0, microsecond=0) - timedelta(days=2)
    late = _restorations(world, target, 30)
    holder = world.booking(world.order(world.patient("Holder")), start=target)
    done, going = _fulfilled(world, target, 19), _elsewhere(world, target, 20)
    free = [partial(cancel_appointment, one, reason="Called", by=world.clerk) for one in [holder, *going]]
    free += [partial(reopen, one, reason="More images", by=world.technologist) for one in done]
    takers = [*_bookings(world, target, 100), *_moves(world, target, 29), *late, _stretching(world, target)]
    assert len(free + takers) == 200
    outcomes = at_once([*takers, *free])
    assert set(outcomes) == {"won", "slot-taken"}
    won = outcomes.count("won") - len(free)
    assert won in (0, 1)
    held = Reservation.objects.filter(active=True, resource=world.room(), lane=0).order_by("start")
    assert held.filter(start__lt=target + timedelta(minutes=10), end__gt=target).count() == won
    rows = list(held)
    assert all(one.end <= other.start for one, other in pairwise(rows)), "nothing overlaps"
    states = Appointment.objects.filter(pk__in=[one.pk for one in done]).values_list("state", flat=True)
    assert set(states) == {"arrived"}
    assert not Reservation.objects.filter(active=True, appointment__in=[holder, *going]).exists()


def _elsewhere(world: World, target: datetime, count: int) -> list[Appointment]:
    """Booked on other days, so that they are in nobody's way."""
    starts = [target + timedelta(days=5, minutes=20 * number) for number in range(count)]
    return [
        world.booking(world.order(world.patient(f"Goes{number}")), start=start) for number, start in enumerate(starts)
    ]


def _fulfilled(world: World, target: datetime, count: int) -> list[Appointment]:
    starts = [target - timedelta(days=5, minutes=20 * number) for number in range(count)]
    found = [world.booking(world.order(world.patient(f"Done{n}")), start=start) for n, start in enumerate(starts)]
    for one in found:
        complete_step(start_step(world.step(one), by=world.technologist), by=world.technologist)
    return found


@pytest.mark.db
def test_of_twenty_who_want_an_exam_of_two_parts_with_one_scan_left_exactly_one_gets_both(live_world: World) -> None:
    """Each wants another minute of the hot lab; the gamma camera has one gap."""
    world = live_world
    furnish_parts(world)
    start = nine(world)
    camera = world.room("Gamma")
    gap = start + timedelta(hours=2, minutes=10), start + timedelta(hours=2, minutes=50)
    Closure.objects.create(resource=camera, start=start - timedelta(hours=9), end=gap[0], reason="Service")
    Closure.objects.create(resource=camera, start=gap[1], end=start + timedelta(hours=14), reason="Service")
    exams = [wanted(world, name=f"Wants{number}") for number in range(20)]
    slot = Slot(resource=world.room("Hot lab"), start=start, minutes=10)
    outcomes = at_once([partial(book, [one], slot=slot, by=world.clerk) for one in exams])
    assert sorted(outcomes) == ["slot-taken"] * 19 + ["won"]
    assert placed(world) == [("Hot lab", "09:00"), ("Gamma", "11:10")]
    assert Reservation.objects.count() == 2


def _bookings(world: World, target: datetime, count: int) -> list[Attempt]:
    wanted = [world.requested(world.order(world.patient(f"Books{n}"))) for n in range(count)]
    slots = [Slot(resource=world.room(), start=target + timedelta(minutes=n % 10), minutes=20) for n in range(count)]
    return [partial(book, [one], slot=slot, by=world.clerk) for one, slot in zip(wanted, slots, strict=True)]


def _moves(world: World, target: datetime, count: int) -> list[Attempt]:
    slot = Slot(resource=world.room(), start=target + timedelta(minutes=5), minutes=30)
    later = [target + timedelta(days=1, minutes=20 * n) for n in range(count)]
    found = [world.booking(world.order(world.patient(f"Moves{n}")), start=start) for n, start in enumerate(later)]
    return [partial(move, one, slot=slot, by=world.clerk) for one in found]


def _restorations(world: World, target: datetime, count: int) -> list[Attempt]:
    """Each stood there once and was missed: all come after all."""
    missed = []
    for number in range(count):
        found = world.booking(world.order(world.patient(f"Late{number}")), start=target)
        missed.append(miss(found, by=world.clerk))
    return [partial(restore, one, by=world.clerk) for one in missed]


def _stretching(world: World, target: datetime) -> Attempt:
    before = world.booking(world.order(world.patient("Neighbour")), start=target - timedelta(minutes=20))
    return partial(move, before, slot=Slot(resource=before.resource, start=before.start, minutes=40), by=world.clerk)


def at_once(attempts: list[Attempt]) -> list[str]:
    """The outcome of each, all begun together, each on a connection of its own."""
    outcomes: list[str] = []
    gate = threading.Barrier(len(attempts))

    def run(attempt: Attempt) -> None:
        gate.wait()
        try:
            attempt()
            outcomes.append("won")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
