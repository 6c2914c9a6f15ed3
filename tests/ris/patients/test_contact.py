"""Where a person is written to, and the link with which they stop it."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted
from ris.patients.actions import decline_messages, declining_token, merge_patients, unmerge_patient
from ris.patients.models import Patient
from tests.world import World


@pytest.mark.parametrize("typed", ["+49 170 1234567", "0049 170/123 45 67", "+49 (170) 123-4567", "+491701234567"])
def test_a_mobile_number_is_kept_in_one_way(world: World, typed: str) -> None:
    assert world.patient(mobile=typed).mobile == "+491701234567"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("mobile", "0170 1234567"), ("mobile", "+49"), ("mobile", "+49 170 123456789012"), ("mobile", "call me"),
        ("email", "moller"), ("email", "a@b"), ("email", "a b@example.org"), ("email", "a@example.org\nBcc: x@y.org"),
    ],
)  # fmt: skip
def test_what_nobody_can_be_reached_by_is_told_beside_its_field(world: World, field: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.patient(**{field: typed})
    assert list(refused.value.fields) == [field]


def test_the_file_and_the_form_show_it(world: World, client: Client) -> None:
    patient = world.patient(mobile="+491701234567", email="aase@example.org", messages_declined=True)
    client.force_login(world.clerk)
    file = client.get(f"/patients/{patient.pk}/").content.decode()
    assert all(words in file for words in ("+491701234567", "aase@example.org", "Wants none"))
    form = client.get(f"/patients/{patient.pk}/edit/").content.decode()
    assert 'value="aase@example.org"' in form


def declined(patient: Patient) -> bool:
    return Patient.objects.get(pk=patient.pk).messages_declined


def test_opening_the_link_changes_nothing_and_its_button_stops_the_messages(world: World, client: Client) -> None:
    """Scanners of mail open every link. No name and no number stands on the page."""
    patient = world.patient("Linkmann", email="aase@example.org")
    address = f"/patients/messages/{declining_token(patient)}/"
    page = client.get(address)
    assert (page.status_code, declined(patient)) == (200, False)
    assert "Linkmann" not in page.content.decode()
    for _twice in range(2):
        assert "No more messages" in client.post(address).content.decode()
    assert declined(patient)
    assert AuditEvent.objects.filter(action="patient.declined-messages", patient_id=patient.pk).count() == 1


def test_a_mail_program_posts_without_having_seen_the_page(world: World) -> None:
    """RFC 8058: one click."""
    patient = world.patient()
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(f"/patients/messages/{declining_token(patient)}/", {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, declined(patient)) == (200, True)


@pytest.mark.parametrize("mend", [lambda token: token[:-1], lambda token: "OTk5" + token[2:], lambda _token: "1"])
def test_a_link_that_was_not_made_here_opens_nothing(world: World, client: Client, mend: object) -> None:
    patient = world.patient()
    token = mend(declining_token(patient))  # type: ignore[operator]
    assert client.post(f"/patients/messages/{token}/").status_code == 404
    assert not Patient.objects.filter(messages_declined=True).exists()


@pytest.mark.db
def test_every_record_of_a_merged_person_is_left_in_peace(world: World, client: Client) -> None:
    alias, head = world.patient("Alias"), world.patient("Head")
    merge_patients(alias, into=head, reason="Same passport", by=world.clerk)
    client.post(f"/patients/messages/{declining_token(alias)}/")
    assert (declined(alias), declined(head)) == (True, True)
    unmerge_patient(Patient.objects.get(pk=alias.pk), reason="No", by=world.clerk)
    assert declined(alias)


def test_nobody_declines_for_another_through_this_door(world: World) -> None:
    with pytest.raises(NotPermitted):
        decline_messages(world.patient(), by=world.clerk)


def test_who_tries_many_links_is_slowed_down(world: World, client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"decline_messages": "3/m/ip"}
    cache.clear()
    answers = [client.post("/patients/messages/guess/").status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]
    cache.clear()
