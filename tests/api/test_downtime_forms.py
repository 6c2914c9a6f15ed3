"""/api/v1/downtime-forms/: forms for a downtime are printed, entered once, or spoiled."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ris.downtime.models import DowntimeForm
from ris.orders.models import Order, SafetyAnswer
from ris.patients.models import Patient
from tests.ris.downtime.papers import paper
from tests.world import World

pytestmark = pytest.mark.db
FORMS = "/api/v1/downtime-forms/"


def entry(**changes: Any) -> dict[str, Any]:
    then = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    return {"who": "unknown", "procedure": "CTCHEST", "performed_at": then.isoformat(), **changes}


def test_forms_are_printed_and_found_by_the_number_on_them(world: World, clerk: APIClient) -> None:
    printed = clerk.post(f"{FORMS}print/", {"site": "north", "count": 2}, format="json")
    assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-")
    first, second = clerk.get(FORMS, {"state": "unused"}).json()["results"]
    (scanned,) = clerk.get(FORMS, {"accession": second["accession_number"].lower()}).json()["results"]
    assert (scanned, first["id"] != second["id"]) == (second, True)


def test_what_stands_on_a_form_becomes_order_and_exam_under_its_numbers_once(world: World, clerk: APIClient) -> None:
    form, patient = paper(world), world.patient()
    answers = [{"kind": "egfr", "value": "80", "measured_on": "2026-01-05"}]
    body = entry(who="known", patient=patient.pk, answers=answers, room=world.room().pk)
    made = clerk.post(f"{FORMS}{form.pk}/enter/", body, format="json")
    assert (made.status_code, made.json()["accession_number"]) == (201, form.accession_number)
    order = Order.objects.get(pk=made.json()["order"])
    assert (order.patient, order.state, order.placed_by_name) == (patient, "completed", world.clerk.display)
    assert SafetyAnswer.objects.get(order=order).value == "80"
    assert clerk.get(f"{FORMS}{form.pk}/").json()["order"] == order.pk
    assert clerk.post(f"{FORMS}{form.pk}/enter/", body, format="json").status_code == 409
    assert Order.objects.count() == 1


def test_a_newcomer_who_resembles_somebody_is_registered_only_when_told_apart(world: World, clerk: APIClient) -> None:
    known = world.patient("Paper", "Petra", sex="F", birth_date=date(1970, 2, 28))
    form = paper(world)
    newcomer = {"family_name": "Paper", "given_name": "Petra", "sex": "F", "birth_date": "1970-02-28"}
    body = entry(who="new", newcomer=newcomer)
    refused = clerk.post(f"{FORMS}{form.pk}/enter/", body, format="json")
    assert (refused.status_code, str(known.pk) in refused.json()["fields"]["unlike"]) == (422, True)
    assert DowntimeForm.objects.get(pk=form.pk).state == "unused"
    made = clerk.post(f"{FORMS}{form.pk}/enter/", {**body, "unlike": [known.pk]}, format="json")
    assert made.status_code == 201
    assert Patient.objects.filter(family_name="Paper").count() == 2


def test_who_it_is_and_the_person_must_fit_and_no_exam_is_done_in_the_future(world: World, clerk: APIClient) -> None:
    door = f"{FORMS}{paper(world).pk}/enter/"
    unnamed = clerk.post(door, entry(who="known"), format="json")
    assert (unnamed.status_code, list(unnamed.json()["fields"])) == (400, ["patient"])
    later = (timezone.now() + timedelta(hours=2)).isoformat()
    future = clerk.post(door, entry(performed_at=later), format="json")
    assert (future.status_code, list(future.json()["fields"])) == (422, ["performed_time"])
    assert not Order.objects.exists()


def test_forms_are_spoiled_with_a_reason_and_only_by_those_of_the_site(
    world: World, clerk: APIClient, radiologist: APIClient, outsider: APIClient
) -> None:
    form = paper(world)
    assert radiologist.get(FORMS).status_code == 403
    assert outsider.post(f"{FORMS}{form.pk}/enter/", entry(), format="json").status_code == 404
    assert outsider.post(f"{FORMS}print/", {"site": "north", "count": 1}, format="json").status_code == 400
    spoiled = clerk.post(f"{FORMS}{form.pk}/spoil/", {"reason": "Torn"}, format="json").json()
    assert (spoiled["state"], spoiled["spoil_reason"]) == ("spoiled", "Torn")
    assert clerk.post(f"{FORMS}{form.pk}/spoil/", {"reason": "Again"}, format="json").status_code == 409
