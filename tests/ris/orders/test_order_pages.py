"""The pages of an order: only legal verbs, nothing typed is lost."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ris.orders.actions import place_order
from ris.orders.actions.placing import OrderDetails
from ris.orders.models import Attachment, Order, Procedure, Protocol, Referrer, SafetyAnswer
from ris.scheduling.actions import start_step
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    return signed_in(client, world, "clerk")


def signed_in(client: Client, world: World, who: str) -> Client:
    client.force_login(world.people[who], "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_only_the_legal_verbs_are_offered(world: World, clerk: Client) -> None:
    order = world.order()
    page = clerk.get(f"/orders/{order.pk}/").content.decode()
    for verb, offered in (("modify", True), ("replace", True), ("cancel", True), ("discontinue", False)):
        assert (f"/orders/{order.pk}/{verb}/" in page) is offered, verb
    start_step(world.step(world.booking(order)), by=world.technologist)
    page = clerk.get(f"/orders/{order.pk}/").content.decode()
    for verb, offered in (("modify", True), ("replace", False), ("cancel", False), ("discontinue", True)):
        assert (f"/orders/{order.pk}/{verb}/" in page) is offered, verb


def test_a_forgotten_side_keeps_everything_that_was_typed(world: World, clerk: Client, knee: Procedure) -> None:
    patient = world.patient()
    typed = {"site": world.north.pk, "procedures": [knee.pk], "priority": "HIGH", "reason": "After a fall"}
    answer = clerk.post(f"/orders/place/{patient.pk}/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Which side? Knee radiograph" in page
    assert 'value="After a fall"' in page
    assert f'id="procedure-{knee.pk}" checked' in page
    answer = clerk.post(f"/orders/place/{patient.pk}/", typed | {f"side-{knee.pk}": "L"})
    assert answer.status_code == 302
    assert Order.objects.get().procedures.get().description == "LEFT Knee radiograph"


def test_a_referrer_is_found_while_typing_and_kept_with_the_order(world: World, clerk: Client) -> None:
    elm = Referrer.objects.create(family_name="Ångström", given_name="Åsa", title="Dr.", organisation="Elm Practice")
    Referrer.objects.create(family_name="Gone", organisation="Elm Practice", active=False)
    page = clerk.get("/orders/referrers/", {"referrer_name": "elm ås"}).content.decode()
    assert "Ångström, Åsa, Dr. (Elm Practice)" in page
    assert "Gone" not in page
    typed = {"site": world.north.pk, "procedures": [world.procedure().pk], "priority": "ROUTINE"}
    clerk.post(f"/orders/place/{world.patient().pk}/", typed | {"referrer_name": elm.label})
    order = Order.objects.get()
    assert (order.referrer, order.referrer_name) == (elm, "Ångström^Åsa^^Dr.")


def test_changing_the_reason_leaves_the_referrer_as_it_was(world: World, clerk: Client) -> None:
    order = world.order()
    page = clerk.get(f"/orders/{order.pk}/modify/").content.decode()
    assert 'value="REFERRER, Frank"' in page
    typed = {"priority": "ROUTINE", "reason": "Fever", "referrer_name": "REFERRER, Frank", "revision": "0"}
    assert clerk.post(f"/orders/{order.pk}/modify/", typed).status_code == 302
    order.refresh_from_db()
    assert (order.reason, order.referrer_name) == ("Fever", "REFERRER^Frank")
    answer = clerk.post(f"/orders/{order.pk}/modify/", typed | {"reason": "Too late"})
    assert answer.status_code == 422
    assert "Somebody changed this order meanwhile" in answer.content.decode()


def test_replacing_begins_with_what_was_ordered(world: World, clerk: Client, knee: Procedure) -> None:
    order = place_order(
        world.patient(), site=world.north, procedures=[knee], details=OrderDetails(), by=world.clerk,
        sides={"DXKNEE": "R"},
    )  # fmt: skip
    page = clerk.get(f"/orders/{order.pk}/replace/").content.decode()
    assert f'id="procedure-{knee.pk}" checked' in page
    assert '<option value="R" selected>' in page


def test_a_question_is_answered_and_a_hard_stop_shown(world: World, clerk: Client) -> None:
    order = world.order()
    typed = {"value": "unsafe", "measured_on": "2026-01-05", "source": "Implant card", "effect": "none"}
    assert clerk.post(f"/orders/{order.pk}/answer/implant/", typed).status_code == 302
    assert SafetyAnswer.objects.get().stops
    page = clerk.get(f"/orders/{order.pk}/").content.decode()
    assert "Implant: MR unsafe" in page
    assert "Hard stop" in page
    assert clerk.post(f"/orders/{order.pk}/answer/implant/", typed | {"value": "maybe"}).status_code == 422
    assert clerk.get(f"/orders/{order.pk}/answer/nothing/").status_code == 404


def test_a_paper_is_kept_and_anything_else_is_refused_beside_the_field(world: World, clerk: Client) -> None:
    order = world.order()
    good = SimpleUploadedFile("request.pdf", b"%PDF-1.7\n%%EOF")
    assert clerk.post(f"/orders/{order.pk}/papers/", {"file": good}).status_code == 302
    assert Attachment.objects.get().name == "request.pdf"
    bad = SimpleUploadedFile("request.pdf", b"<script>alert(1)</script>", content_type="application/pdf")
    answer = clerk.post(f"/orders/{order.pk}/papers/", {"file": bad})
    assert answer.status_code == 422
    assert "Only a PDF or a JPEG" in answer.content.decode()


def test_what_goes_back_stands_on_the_clerk_s_home_page(world: World, client: Client, protocolled: Procedure) -> None:
    order = place_order(
        world.patient(), site=world.north, procedures=[protocolled], details=OrderDetails(), by=world.clerk
    )
    protocol = Protocol.objects.get()
    radiologist = signed_in(client, world, "radiologist")
    assert "MR heart" in radiologist.get("/orders/protocols/").content.decode()
    answer = radiologist.post(f"/orders/protocols/{protocol.pk}/return/", {"reason": "Which valve?"})
    assert answer.status_code == 302
    assert "MR heart" not in radiologist.get("/orders/protocols/").content.decode()
    clerk = signed_in(client, world, "clerk")
    assert "Sent back by radiologists" in clerk.get("/").content.decode()
    assert "Which valve?" in clerk.get(f"/orders/{order.pk}/").content.decode()
    assert clerk.post(f"/orders/protocols/{protocol.pk}/again/").status_code == 302
    protocol.refresh_from_db()
    assert protocol.state == "open"
