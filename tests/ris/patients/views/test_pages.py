"""The pages of patients: what a clerk sees and what each press does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.patients.actions import PatientData, merge_patients, register_temporary, update_patient
from ris.patients.models import Patient, PatientAlert, PatientIdentifier
from tests.world import World

pytestmark = pytest.mark.django_db
BORN = date(1976, 4, 16)


@pytest.fixture
def desk(world: World, client: Client) -> Client:
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(answer: Any) -> str:
    return str(answer.content.decode())


def at(name: str, *args: object) -> str:
    return reverse(f"patients:{name}", args=args)


def test_typing_brings_the_answers_without_the_page(desk: Client, world: World) -> None:
    world.patient("Kowalska", "Ewa")
    part = page(desk.get(at("list"), {"q": "ewa kow"}, headers={"HX-Request": "true"}))
    whole = page(desk.get(at("list"), {"q": "ewa kow"}))
    assert "Kowalska, Ewa" in part
    assert "<html" not in part
    assert "Kowalska, Ewa" in whole
    assert 'value="ewa kow"' in whole


def test_what_was_typed_fills_the_registration(desk: Client) -> None:
    text = page(desk.get(at("register"), {"q": "Kowalska Ewa Maria 16.4.1976"}))
    assert 'value="Kowalska"' in text
    assert 'value="Ewa Maria"' in text
    assert 'value="16/04/1976"' in text


def registration(world: World, **more: object) -> dict[str, object]:
    return {"family_name": "Moller", "given_name": "Ase", "birth_date": "16/4/76", "site": world.north.pk} | more


def test_a_probable_duplicate_is_shown_and_nothing_is_saved_until_it_is_called_another(
    desk: Client, world: World
) -> None:
    known = world.patient("Møller", "Åse", birth_date=BORN)
    asked = desk.post(at("register"), registration(world))
    assert asked.status_code == 422
    assert "Almost certainly the same person" in page(asked)
    assert f'name="unlike" value="{known.pk}"' in page(asked)
    assert 'value="Moller"' in page(asked)
    assert Patient.objects.count() == 1
    told = desk.post(at("register"), registration(world, unlike=str(known.pk)))
    assert told.status_code == 302
    made = Patient.objects.exclude(pk=known.pk).get()
    assert AuditEvent.objects.get(action="patient.registered", target_id=made.pk).detail == {"unlike": [known.pk]}


def test_calling_one_another_person_does_not_call_a_second_one_so(desk: Client, world: World) -> None:
    known = world.patient("Møller", "Åse", birth_date=BORN)
    world.patient("Moeller", "Åse", birth_date=BORN)
    assert desk.post(at("register"), registration(world, unlike=str(known.pk))).status_code == 422
    assert Patient.objects.count() == 2


@pytest.mark.parametrize("unlike", ["x", "1a,,²2", "²", "9" * 40, "-1"])
def test_an_answer_that_makes_no_sense_counts_as_none(desk: Client, world: World, unlike: str) -> None:
    world.patient("Møller", "Åse", birth_date=BORN)
    assert desk.post(at("register"), registration(world, unlike=unlike)).status_code == 422
    assert Patient.objects.count() == 1


def test_a_twin_is_a_warning(desk: Client, world: World) -> None:
    world.patient("Møller", "Ingrid", birth_date=BORN)
    text = page(desk.post(at("register"), registration(world)))
    assert "Take care" in text
    assert "Is it one of these" not in text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("ideographic", "山田=太郎", "Write FAMILY^Given"),
        ("phonetic", "a^b^c^d^e^f", "at most five parts"),
        ("family_name", "a^b", "cannot stand in a name"),
        ("birth_date", "31.2.1976", "No such day"),
        ("birth_date", "1.1.2999", "in the future"),
        ("weight_kg", "0", "more than 0"),
        ("weight_kg", "heavy", "Enter a number"),
        ("weighed_on", "2020-01-01", "no weight"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    desk: Client, world: World, field: str, value: str, words: str
) -> None:
    answer = desk.post(at("register"), registration(world, **{"phone": "0151 1234", field: value}))
    assert answer.status_code == 422
    assert any(words in fault for fault in answer.context["form"].errors[field])
    assert 'value="0151 1234"' in page(answer)
    assert not Patient.objects.exists()


def test_guardian_and_weight_are_kept_and_shown(desk: Client, world: World) -> None:
    more = {"guardian_name": "Mor Møller", "guardian_relation": "mother", "weight_kg": "3.25"}
    assert desk.post(at("register"), registration(world, **more)).status_code == 302
    patient = Patient.objects.get()
    assert patient.weighed_on == timezone.localdate()
    text = page(desk.get(at("detail", patient.pk)))
    assert "Mor Møller (mother)" in text
    assert "3.25 kg" in text


def test_a_family_name_alone_is_asked_about_once(desk: Client, world: World) -> None:
    alone = {"family_name": "Lonesome", "site": str(world.north.pk)}
    asked = desk.post(at("register"), alone)
    assert asked.status_code == 422
    assert "Only a family name" in page(asked)
    assert not Patient.objects.filter(family_name="Lonesome").exists()
    assert 'name="sparse"' in page(asked)
    assert desk.post(at("register"), alone | {"sparse": "1"}).status_code == 302
    for more in ({"given_name": "Lu"}, {"birth_date": "1976-04-16"}):
        assert (
            desk.post(at("register"), alone | more | {"family_name": f"Other{len(more)}{more}"[:20]}).status_code == 302
        )


def test_what_is_not_found_is_said_once(desk: Client) -> None:
    text = page(desk.get(at("list"), {"q": "zzzqqq"}))
    assert text.count("Nobody found") == 1
    assert "0 found." in text


def test_one_key_registers_an_unknown_and_goes_on_to_the_exam(desk: Client) -> None:
    answer = desk.post(at("register-temporary"))
    unknown = Patient.objects.get()
    assert unknown.alias == "Unknown-Alfa"
    assert answer.status_code == 302
    assert f"/{unknown.pk}/" in answer.headers["Location"]
    assert desk.get(answer.headers["Location"]).status_code == 200


def test_identifying_asks_about_duplicates_and_offers_the_merge(desk: Client, world: World) -> None:
    known = world.patient("Møller", "Åse", birth_date=BORN)
    unknown = register_temporary(site=world.north, by=world.clerk)
    body = {"family_name": "Møller", "given_name": "Åse", "birth_date": "1976-04-16"}
    asked = desk.post(at("identify", unknown.pk), body)
    assert f"{at('merge', unknown.pk)}?with={known.pk}" in page(asked)
    assert desk.post(at("identify", unknown.pk), body | {"unlike": known.pk}).status_code == 302
    unknown.refresh_from_db()
    assert unknown.display_name == "Møller, Åse"


def test_a_confidential_file_opens_only_with_a_reason_that_is_kept(desk: Client, world: World) -> None:
    patient = world.patient("Secret", "Agent", confidential=True, phone="0151 999")
    closed = desk.get(at("detail", patient.pk))
    assert "Confidential file" in page(closed)
    assert "0151 999" not in page(closed)
    assert desk.get(at("edit", patient.pk)).status_code == 403
    assert desk.post(at("open", patient.pk), {"reason": " "}).status_code == 422
    assert not AuditEvent.objects.filter(action="patient.opened").exists()
    desk.post(at("open", patient.pk), {"reason": "Phone call of the ward"})
    assert "0151 999" in page(desk.get(at("detail", patient.pk)))
    assert desk.get(at("edit", patient.pk)).status_code == 200
    row = AuditEvent.objects.get(action="patient.opened")
    assert (row.patient_id, row.detail) == (patient.pk, {"reason": "Phone call of the ward"})


def test_a_confidential_file_closes_again_after_half_an_hour(
    desk: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = world.patient("Secret", "Agent", confidential=True, phone="0151 999")
    desk.post(at("open", patient.pk), {"reason": "Phone call"})
    later = timezone.now() + timedelta(minutes=31)
    monkeypatch.setattr("ris.patients.views.confidence.timezone.now", lambda: later)
    assert "0151 999" not in page(desk.get(at("detail", patient.pk)))


def test_numbers_are_added_and_retired(desk: Client, world: World) -> None:
    patient = world.patient()
    first = patient.identifiers.get()
    assert desk.post(at("retire-identifier", patient.pk, first.pk)).status_code == 422
    desk.post(at("add-identifier", patient.pk), {"issuer": "KASSE", "value": "A-1"})
    assert desk.post(at("add-identifier", patient.pk), {"issuer": "KASSE", "value": "A-1"}).status_code == 422
    assert desk.post(at("retire-identifier", patient.pk, first.pk)).status_code == 302
    assert patient.identifier_at(world.north) == PatientIdentifier.objects.get(pk=first.pk)
    desk.post(at("add-identifier", patient.pk), {"issuer": world.north.patient_id_issuer, "value": "NEW-1"})
    assert patient.identifier_at(world.north) == PatientIdentifier.objects.get(value="NEW-1")


def test_a_number_given_in_error_can_be_given_to_the_right_person(desk: Client, world: World) -> None:
    wrong, right = world.patient("Wrong"), world.patient("Right")
    desk.post(at("add-identifier", wrong.pk), {"issuer": "KASSE", "value": "A-1"})
    number = PatientIdentifier.objects.get(value="A-1")
    desk.post(at("retire-identifier", wrong.pk, number.pk), {"in_error": "1"})
    assert desk.post(at("add-identifier", right.pk), {"issuer": "KASSE", "value": "A-1"}).status_code == 302
    assert PatientIdentifier.objects.get(value="A-1").patient == right


def test_an_alert_stands_in_the_banner_until_it_is_ended(desk: Client, world: World) -> None:
    patient = world.patient()
    body = {"kind": "allergy", "text": "Iodinated contrast: hives", "noted_on": "2020-01-01", "source": "Patient"}
    assert desk.post(at("add-alert", patient.pk), body).status_code == 302
    alert = PatientAlert.objects.get()
    edit = page(desk.get(at("edit", patient.pk)))
    assert "Allergy: Iodinated contrast: hives" in edit
    assert desk.post(at("end-alert", patient.pk, alert.pk), {"reason": ""}).status_code == 422
    assert desk.post(at("end-alert", patient.pk, alert.pk), {"reason": "Tested negative"}).status_code == 302
    assert "Iodinated contrast" not in page(desk.get(at("edit", patient.pk)))
    assert "Iodinated contrast" in page(desk.get(at("detail", patient.pk)))
    assert AuditEvent.objects.get(action="patient.alert-ended").detail == {"reason": "Tested negative"}


def test_two_records_are_compared_and_merged_into_the_chosen_one(desk: Client, world: World) -> None:
    one, other = world.patient("Møller", "Åse"), world.patient("Moller", "Aase")
    chosen = page(desk.get(at("merge", one.pk), {"q": "moller"}))
    assert f"?with={other.pk}" in chosen
    compared = desk.get(at("merge", one.pk), {"with": other.pk})
    assert [row.label for row in compared.context["rows"] if row.differs] == ["Family name", "Given name", "Numbers"]
    body = {"with": other.pk, "stays": other.pk, "reason": "Same passport"}
    assert desk.post(at("merge", one.pk), body | {"reason": ""}).status_code == 422
    assert desk.post(at("merge", one.pk), body).headers["Location"] == at("detail", other.pk)
    alias = page(desk.get(at("detail", one.pk)))
    assert "This record is an alias of" in alias
    assert "Same passport" in page(desk.get(at("detail", other.pk)))
    assert desk.post(at("unmerge", one.pk), {"reason": "Mother and daughter"}).status_code == 302
    one.refresh_from_db()
    assert one.merged_into_id is None


def test_the_file_shows_everything_of_all_records_of_the_person(desk: Client, world: World) -> None:
    one, other = world.patient("Møller", "Åse"), world.patient("Moller", "Aase")
    accession = world.requested(world.order(one)).accession_number
    merge_patients(one, into=other, reason="Same", by=world.clerk)
    text = page(desk.get(at("detail", other.pk)))
    assert accession in text
    for person in (one, other):
        assert PatientIdentifier.objects.get(patient=person).value in text


def test_who_looked_is_for_those_who_keep_the_file(desk: Client, world: World) -> None:
    patient = world.patient()
    desk.get(at("detail", patient.pk))
    assert f"{world.clerk.display} <span" in page(desk.get(at("detail", patient.pk)))
    desk.force_login(world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    assert "Who looked" not in page(desk.get(at("detail", patient.pk)))


def test_a_page_asks_as_many_questions_for_one_answer_as_for_many(
    desk: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for letter in "abcdefghijklmnop":
        world.patient(f"Meier{letter}", "Eva")
    with django_assert_max_num_queries(20):
        assert page(desk.get(at("list"), {"q": "meier"})).count("row-link") == 16


def test_a_corrected_record_is_shown_by_its_new_name(desk: Client, world: World) -> None:
    patient = world.patient()
    update_patient(patient, PatientData(family_name="Kowalska"), by=world.clerk)
    assert "Kowalska" in page(desk.get(at("list"), {"q": "kowalska"}))
