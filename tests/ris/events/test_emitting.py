"""A fact is a row before it is a message."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ris.core.actors import SystemActor
from ris.events import emit, registry, subscribe
from ris.events.kinds import KINDS
from ris.events.models import Delivery, Event
from tests.ris.events.conftest import KIND, Listener, told
from tests.world import World


def test_an_event_and_one_delivery_per_subscriber_are_written(db: None, listener: Listener) -> None:
    registry._subscribers[KIND].append("test.second")
    emit(KIND, ("study", "7"), by=SystemActor("matcher"), site_id=3, study_uid="2.25.7")
    event = Event.objects.get()
    assert (event.kind, event.target_id, event.site_id, event.payload) == (KIND, "7", 3, {"study_uid": "2.25.7"})
    assert (event.actor_kind, event.actor_id) == ("system", "matcher")
    assert list(event.deliveries.values_list("subscriber", "state")) == [
        ("test.listener", "pending"),
        ("test.second", "pending"),
    ]
    assert listener.heard == [], "nothing is delivered inside the transaction of the fact"


def test_the_site_is_that_of_the_target(world: World) -> None:
    order = world.order()
    assert Event.objects.get(kind="order.placed", target_id=order.pk).site_id == world.north.pk


def test_what_is_rolled_back_never_happened(db: None, listener: Listener) -> None:
    with transaction.atomic():
        told()
        transaction.set_rollback(True)
    assert (Event.objects.count(), Delivery.objects.count()) == (0, 0)


def test_an_action_that_fails_leaves_no_event(world: World) -> None:
    booked = world.booking()
    events = Event.objects.count()
    with pytest.raises(Exception, match="taken"):
        world.booking(world.order(world.patient("Other")), start=booked.start)
    assert Event.objects.filter(kind="appointment.booked").count() == 1
    assert Event.objects.exclude(kind__in=["patient.registered", "order.placed"]).count() <= events


def test_a_kind_that_no_table_knows_is_an_error(db: None) -> None:
    with pytest.raises(ValueError, match=r"kinds\.py"):
        emit("study.exploded", ("study", "1"), by=SystemActor("matcher"))
    with pytest.raises(ValueError, match=r"kinds\.py"):
        subscribe("study.exploded", "test", lambda _event: None)


def test_a_second_handler_of_one_name_is_an_error(listener: Listener) -> None:
    with pytest.raises(ValueError, match="another handler"):
        subscribe(KIND, "test.listener", lambda _event: None)
    assert registry.handler_of("test.listener") is not None


def test_the_database_keeps_a_second_delivery_to_the_same_subscriber_out(db: None, listener: Listener) -> None:
    delivery = told()
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(event=delivery.event, subscriber="test.listener", next_at=timezone.now())


def test_every_subscriber_of_the_program_can_be_found_by_its_name() -> None:
    for kind in KINDS:
        for name in registry.subscribers_of(kind):
            assert registry.handler_of(name) is not None, name
    assert "reporting.archive" in registry.subscribers_of("report.signed")
    assert "worklist.match" in registry.subscribers_of("study.noticed")
