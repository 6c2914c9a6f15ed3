"""The patient file gathers what other parts know of the person."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from ris.demo.seed import make_signing_key
from ris.patients.actions import PatientData, merge_patients, update_patient
from tests import exam
from tests.world import World

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def shown(client: Client, world: World, role: str, patient: int) -> list[str]:
    client.force_login(world.people[role], BACKEND)
    return [panel.title for panel in client.get(reverse("patients:detail", args=[patient])).context["panels"]]


@pytest.fixture
def signing_key(tmp_path: Path, settings: Settings) -> None:
    settings.SIGNING_P12_FILE = tmp_path / "seal.p12"
    make_signing_key()


def test_a_signed_report_keeps_its_name_under_a_banner(world: World, client: Client, signing_key: None) -> None:
    report = exam.sign(exam.draft(world), world.radiologist).report
    former = report.task.patient.display_name
    client.force_login(world.radiologist, BACKEND)
    address = reverse("reporting:detail", args=[report.pk])
    assert "Signed under the name" not in client.get(address).content.decode()
    update_patient(report.task.patient, PatientData(family_name="Kowalska", given_name="Ewa"), by=world.clerk)
    text = client.get(address).content.decode()
    assert f"Signed under the name {former}. The person is Kowalska, Ewa now." in text


def test_orders_appointments_exams_and_reports_stand_in_the_file(
    world: World, client: Client, signing_key: None
) -> None:
    report = exam.sign(exam.draft(world), world.radiologist).report
    patient = report.task.patient
    assert {"Orders", "Exams with images", "Reports"} <= set(shown(client, world, "radiologist", patient.pk))
    assert "Reports" not in shown(client, world, "clerk", patient.pk)


def test_an_appointment_of_an_alias_stands_in_the_file_of_the_person(world: World, client: Client) -> None:
    one, other = world.patient("Alfa"), world.patient("Bravo")
    world.booking(world.order(one))
    merge_patients(one, into=other, reason="Same", by=world.clerk)
    assert shown(client, world, "clerk", other.pk) == ["Orders", "Appointments"]
    assert shown(client, world, "referrer", other.pk) == ["Orders"]
