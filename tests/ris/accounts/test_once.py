"""A form that is sent twice is done once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from ris.accounts.models import Submission
from ris.accounts.once import TOLD, forget_old
from ris.orders.models import Order
from ris.patients.models import Patient
from tests.world import World


def order_form(world: World, **changed: Any) -> tuple[str, dict[str, Any]]:
    """The address of the order form of a new patient, and what it sends."""
    procedure = world.procedure().pk
    body = {"site": world.north.pk, "procedures": [procedure], "priority": "ROUTINE", "reason": "Cough"}
    return f"/orders/place/{world.patient().pk}/", {**body, "once": "k1", **changed}


def signed_in(world: World, name: str = "clerk") -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run them in threads of their own that begin together; what each answered."""
    gate, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            answers.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_second_is_led_to_what_came_of_the_first(world: World) -> None:
    client, (address, body) = signed_in(world), order_form(world)
    first, second = client.post(address, body), client.post(address, body)
    assert first.status_code == second.status_code == HTTPStatus.FOUND
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1
    assert TOLD in client.get(second["Location"]).content.decode()


@pytest.mark.db
def test_of_posts_at_the_same_moment_one_places_the_order(live_world: World) -> None:
    address, body = order_form(live_world)
    clients = [signed_in(live_world) for _ in range(4)]
    answers = at_once(*(lambda client=client: client.post(address, body) for client in clients))  # type: ignore[misc]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (HTTPStatus.FOUND, f"/orders/{Order.objects.get().pk}/")
    }


def test_the_same_key_with_another_text_is_another_order(world: World) -> None:
    client, (address, body) = signed_in(world), order_form(world)
    client.post(address, body)
    client.post(address, {**body, "reason": "Fall"})
    assert set(Order.objects.values_list("reason", flat=True)) == {"Cough", "Fall"}


def test_two_people_with_one_key_are_two(world: World) -> None:
    address, body = order_form(world)
    signed_in(world).post(address, body)
    signed_in(world, "radiologist").post(address, body)
    assert Order.objects.count() == 2


def test_what_was_refused_may_be_sent_again(world: World) -> None:
    client, (address, body) = signed_in(world), order_form(world, procedures=[])
    assert client.post(address, body).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert client.post(address, body).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Submission.objects.count() == 0


def test_the_forms_carry_a_key_of_their_own(world: World) -> None:
    client, (address, _body) = signed_in(world), order_form(world)
    keys = [client.get(address).content.decode().partition('name="once" value="')[2][:16] for _ in range(2)]
    assert all(keys)
    assert keys[0] != keys[1]


@pytest.mark.db
def test_the_key_for_an_unknown_patient_pressed_twice_is_one_and_later_another(world: World) -> None:
    client, body = signed_in(world), {"once": "k1"}
    first, again = (client.post("/patients/temporary/", body) for _ in range(2))
    assert first["Location"] == again["Location"]
    Submission.objects.update(at=timezone.now() - timedelta(minutes=1))
    assert client.post("/patients/temporary/", body)["Location"] != first["Location"]
    assert Patient.objects.filter(temporary=True).count() == 2


def test_old_keys_are_forgotten(world: World) -> None:
    address, body = order_form(world)
    signed_in(world).post(address, body)
    forget_old()
    assert Submission.objects.count() == 1
    Submission.objects.update(at=timezone.now() - timedelta(days=2))
    forget_old()
    assert Submission.objects.count() == 0


def test_an_order_that_is_cancelled_twice_is_cancelled_and_nobody_is_refused(world: World) -> None:
    client, order = signed_in(world), world.order()
    body = {"reason": "Patient is well again", "once": "k2"}
    answers = [client.post(f"/orders/{order.pk}/cancel/", body) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [f"/orders/{order.pk}/"] * 2
    assert Order.objects.get(pk=order.pk).state == "cancelled"
