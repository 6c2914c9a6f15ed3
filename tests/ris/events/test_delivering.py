"""Leases, retries, parking: each delivery is settled once, by whoever holds it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from ris.core.errors import ConcurrentUpdateError, DomainError, NotPermitted, TransitionError, Unavailable
from ris.events import outbox
from ris.events.checks import lease
from ris.events.errors import DeliveryError
from ris.events.models import Delivery, Event
from ris.events.outbox import BACKOFF, PARK_AFTER, attempt, due, resend, sweep
from tests.ris.events.conftest import Listener, make_due, told
from tests.world import World


def fails(error: Exception) -> object:
    def handler(_event: Event) -> None:
        raise error

    return handler


def fresh(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def seconds_until(delivery: Delivery) -> float:
    return (fresh(delivery).next_at - timezone.now()).total_seconds()


def test_a_delivery_that_succeeds_is_done(db: None, listener: Listener) -> None:
    delivery = told("42")
    assert attempt(delivery.pk)
    done = fresh(delivery)
    assert (done.state, done.attempts, done.lease_until, listener.heard) == ("done", 1, None, ["42"])
    assert done.done_at is not None


def test_what_is_done_is_not_done_again(db: None, listener: Listener) -> None:
    delivery = told()
    attempt(delivery.pk)
    assert not attempt(delivery.pk)
    assert len(listener.heard) == 1


def test_a_failure_is_tried_again_after_a_growing_pause(db: None, listener: Listener) -> None:
    listener.then = fails(DeliveryError("the archive does not answer"))  # type: ignore[assignment]
    delivery = told()
    for number, pause in enumerate((*BACKOFF, BACKOFF[-1]), start=1):
        make_due(delivery)
        attempt(delivery.pk)
        now = fresh(delivery)
        assert (now.state, now.attempts, now.last_error) == ("pending", number, "the archive does not answer")
        assert seconds_until(delivery) == pytest.approx(pause, abs=1)
        assert not attempt(delivery.pk), "it is not due yet"


def test_after_a_night_away_a_peer_has_what_waited_within_a_minute_of_its_return(db: None, listener: Listener) -> None:
    listener.then = fails(DeliveryError("down"))  # type: ignore[assignment]
    delivery = told()
    Delivery.objects.filter(pk=delivery.pk).update(attempts=1_000)
    attempt(delivery.pk)
    assert 0 < seconds_until(delivery) <= 30
    assert PARK_AFTER * BACKOFF[-1] > 24 * 3600, "and nobody had to send it again by hand"


@pytest.mark.parametrize(
    ("seconds", "said"), [(90, set()), (33, {"ris.events.W001"}), (0, {"ris.events.E001"})], ids=str
)
def test_a_lease_that_ends_before_its_worker_has_an_answer_is_told(
    seconds: int, said: set[str], settings: Settings
) -> None:
    settings.DELIVERY_LEASE_SECONDS = seconds
    assert {one.id for one in lease(None)} == said


def test_it_succeeds_when_the_peer_is_back(db: None, listener: Listener) -> None:
    listener.then = fails(DeliveryError("down"))  # type: ignore[assignment]
    delivery = told()
    attempt(delivery.pk)
    make_due(delivery)
    listener.then = lambda _event: None
    attempt(delivery.pk)
    assert (fresh(delivery).state, fresh(delivery).last_error, len(listener.heard)) == ("done", "", 2)


def test_a_permanent_failure_waits_for_a_person(db: None, listener: Listener) -> None:
    listener.then = fails(DeliveryError("no such study", permanent=True))  # type: ignore[assignment]
    delivery = told()
    attempt(delivery.pk)
    make_due(delivery)
    assert (fresh(delivery).state, sweep()) == ("parked", 0)


def test_after_very_many_failures_it_waits_for_a_person_too(
    db: None, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PARK_AFTER", 3)
    listener.then = fails(DeliveryError("down"))  # type: ignore[assignment]
    delivery = told()
    for state in ("pending", "pending", "parked"):
        make_due(delivery)
        attempt(delivery.pk)
        assert fresh(delivery).state == state


def test_a_fault_of_ours_is_tried_again_and_told_without_its_words(db: None, listener: Listener) -> None:
    """They may quote a patient."""
    listener.then = fails(RuntimeError("MOLLER^AASE"))  # type: ignore[assignment]
    delivery = told()
    attempt(delivery.pk)
    now = fresh(delivery)
    assert (now.state, now.last_error.split(",")[0]) == ("pending", "RuntimeError")
    assert "MOLLER" not in now.last_error


@pytest.mark.parametrize(("error", "state"), [
    (Unavailable("not now"), "pending"), (ConcurrentUpdateError("somebody was first"), "pending"),
    (NotPermitted("not for you"), "parked"), (TransitionError("not from here"), "parked"),
])  # fmt: skip
def test_a_refusal_in_words_is_tried_again_where_time_may_help(
    error: DomainError, state: str, db: None, listener: Listener
) -> None:
    listener.then, delivery = fails(error), told()  # type: ignore[assignment]
    attempt(delivery.pk)
    assert (fresh(delivery).state, fresh(delivery).last_error) == (state, error.message)


def test_a_subscriber_that_is_gone_is_told(db: None, listener: Listener) -> None:
    delivery = told()
    Delivery.objects.filter(pk=delivery.pk).update(subscriber="test.gone")
    attempt(delivery.pk)
    assert (fresh(delivery).state, fresh(delivery).last_error) == ("parked", "no subscriber is called test.gone")


def test_one_that_fails_does_not_hold_up_the_others(db: None, listener: Listener) -> None:
    def odd_ones_fail(event: Event) -> None:
        if int(event.target_id) % 2:
            raise DeliveryError("odd")

    listener.then = odd_ones_fail
    deliveries = [told(str(number)) for number in range(6)]
    assert sweep() == 6
    assert [fresh(one).state for one in deliveries] == ["done", "pending"] * 3


def test_the_oldest_comes_first(db: None, listener: Listener) -> None:
    deliveries = [told(str(number)) for number in range(4)]
    assert due() == [one.pk for one in deliveries]
    sweep()
    assert listener.heard == ["0", "1", "2", "3"]


def test_a_worker_that_died_is_replaced_when_its_lease_is_over(db: None, listener: Listener) -> None:
    def dies(_event: Event) -> None:
        raise SystemExit

    listener.then, delivery = dies, told()
    with pytest.raises(SystemExit):
        attempt(delivery.pk)
    assert (fresh(delivery).state, sweep()) == ("leased", 0)
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    listener.then = lambda _event: None
    assert sweep() == 1
    assert (fresh(delivery).state, fresh(delivery).attempts) == ("done", 2)


@pytest.mark.parametrize("late", [None, DeliveryError("late"), DeliveryError("late", permanent=True)])
def test_a_worker_that_outlived_its_lease_changes_nothing(
    late: DeliveryError | None, db: None, listener: Listener
) -> None:
    delivery = told()

    def slow(_event: Event) -> None:
        """While it works its lease ends, and another worker takes over and is not done yet."""
        Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert outbox._lease(delivery.pk) is not None
        if late is not None:
            raise late

    listener.then = slow
    attempt(delivery.pk)
    now = fresh(delivery)
    assert (now.state, now.attempts, now.last_error) == ("leased", 2, "")


def test_a_person_sends_a_parked_one_again(world: World, listener: Listener) -> None:
    delivery = told(site_id=world.north.pk)
    Delivery.objects.update(state="parked", attempts=2000)
    resend(fresh(delivery), by=world.siteadmin)
    assert (fresh(delivery).state, fresh(delivery).attempts, sweep()) == ("pending", 0, 1)


def test_what_is_not_parked_cannot_be_sent_again(world: World, listener: Listener) -> None:
    delivery = told(site_id=world.north.pk)
    attempt(delivery.pk)
    with pytest.raises(TransitionError, match="done"):
        resend(fresh(delivery), by=world.admin)


@pytest.mark.parametrize(("who", "site", "may"), [
    ("siteadmin", "north", True), ("siteadmin", "south", False), ("siteadmin", "", False), ("admin", "south", True),
    ("admin", "", True), ("radiologist", "north", False), ("clerk", "north", False), ("outsider", "south", False),
])  # fmt: skip
def test_deliveries_belong_to_the_administrators_of_their_site(
    who: str, site: str, may: bool, world: World, listener: Listener
) -> None:
    delivery = told(site_id=getattr(world, site).pk if site else None)
    Delivery.objects.update(state="parked")
    assert Delivery.objects.visible_to(world.people[who]).exists() is may
    if may:
        assert resend(fresh(delivery), by=world.people[who]).state == "pending"
    else:
        with pytest.raises(NotPermitted):
            resend(fresh(delivery), by=world.people[who])


@pytest.mark.db
def test_of_many_workers_at_one_delivery_one_does_it(transactional_db: None, listener: Listener) -> None:
    delivery, outcomes = told(), []
    gate = threading.Barrier(8)

    def work() -> None:
        gate.wait()
        try:
            outcomes.append(attempt(delivery.pk))
        finally:
            connection.close()

    _together(work, 8)
    assert sorted(outcomes) == [False] * 7 + [True]
    assert (listener.heard, fresh(delivery).attempts) == (["1"], 1)


@pytest.mark.db
def test_of_many_workers_at_a_lease_that_ended_one_takes_it(transactional_db: None, listener: Listener) -> None:
    delivery, outcomes = told(), []
    Delivery.objects.update(state="leased", attempts=1, lease_until=timezone.now() - timedelta(seconds=1))
    gate = threading.Barrier(8)

    def work() -> None:
        gate.wait()
        try:
            outcomes.append(attempt(delivery.pk))
        finally:
            connection.close()

    _together(work, 8)
    assert sorted(outcomes) == [False] * 7 + [True]
    assert fresh(delivery).attempts == 2


def _together(work: object, count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
