"""The pages of the downtime, as a person at the desk meets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from ris.downtime.actions import make_snapshot, set_passphrase
from ris.downtime.models import DowntimeForm, SnapshotRule
from ris.orders.models import Order
from ris.patients.models import Patient
from tests.ris.downtime.papers import entered, paper
from tests.ris.printing.reading import barcodes, words
from tests.world import World

SECRET = "harbour lamp 7 willow"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Any) -> None:
    settings.DATA_DIR, settings.DOWNTIME_DIR = tmp_path, ""


def browser(world: World, role: str = "clerk") -> Client:
    client = Client()
    client.force_login(world.people[role])
    return client


def filled(world: World, **changes: str) -> dict[str, str]:
    """The form as somebody fills it in from the paper."""
    values = {
        "who": "new", "family_name": "Paper", "given_name": "Petra", "birth_date": "17.5.1961", "sex": "F",
        "procedure": str(world.procedure().pk), "priority": "ROUTINE", "done": "on",
        "performed_day": timezone.localdate(timezone=world.north.zone).isoformat(), "performed_time": "00:00",
        "room": str(world.room().pk),
    }  # fmt: skip
    return values | changes


def test_forms_come_as_a_pdf_and_stand_in_the_stock(world: World) -> None:
    answer = browser(world).post(reverse("downtime:print"), {"site": "north", "count": "2"})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert barcodes(answer.content) == [str(form) for form in DowntimeForm.objects.order_by("pk")]
    page = browser(world).get(reverse("downtime:overview")).content.decode()
    assert "<dt>Not used yet</dt><dd>2</dd>" in page


@pytest.mark.parametrize("count", ["", "0", "x", "1000"])
def test_a_number_of_forms_that_makes_no_sense_is_said(count: str, world: World) -> None:
    answer = browser(world).post(reverse("downtime:print"), {"site": "north", "count": count})
    assert answer.status_code == 422
    assert not DowntimeForm.objects.exists()


def test_scanning_a_form_leads_to_it_in_any_case_of_letters(world: World) -> None:
    form = paper(world)
    answer = browser(world).get(reverse("downtime:find"), {"accession": f" {str(form).lower()} "})
    assert answer.headers["Location"] == reverse("downtime:enter", args=[form.pk])


def test_a_number_that_is_no_form_is_said_on_the_page(world: World) -> None:
    answer = browser(world).get(reverse("downtime:find"), {"accession": "<b>N1"}, follow=True)
    assert "No downtime form of yours has the number “&lt;b&gt;N1”" in answer.content.decode()


def test_another_sites_form_is_not_found_by_its_number(world: World) -> None:
    form = paper(world)
    answer = browser(world, "outsider").get(reverse("downtime:find"), {"accession": str(form)}, follow=True)
    assert "No downtime form of yours" in answer.content.decode()


def test_a_filled_form_becomes_the_order_and_leads_to_it(world: World) -> None:
    form = paper(world)
    typed = filled(world) | {"safety-egfr": "62", "safety-metformin": "no", "performed_day": "2026-01-05"}
    answer = browser(world).post(reverse("downtime:enter", args=[form.pk]), typed)
    order = Order.objects.get()
    assert set(order.safety_answers.values_list("kind", "value")) == {("egfr", "62"), ("metformin", "no")}
    assert {str(row.measured_on) for row in order.safety_answers.all()} == {typed["performed_day"]}
    assert answer.headers["Location"] == reverse("orders:detail", args=[order.pk])
    assert (order.patient.family_name, order.state) == ("Paper", "completed")
    assert order.procedures.get().accession_number == str(form)


def test_the_patient_is_found_among_those_registered_and_what_was_typed_stays(world: World) -> None:
    form, person = paper(world), world.patient("Findable")
    address = reverse("downtime:enter", args=[form.pk])
    typed = filled(world, who="known", q="Findable", find="1", reason="Fell off a ladder")
    page = browser(world).post(address, typed).content.decode()
    assert f'id="person-{person.pk}"' in page
    assert "Fell off a ladder" in page
    assert not Order.objects.exists()
    typed.pop("find")
    browser(world).post(address, typed | {"patient": str(person.pk)})
    assert Order.objects.get().patient == person


def test_somebody_who_may_be_registered_already_is_shown_before_anything_is_saved(world: World) -> None:
    known = world.patient("Paper", "Petra")
    address = reverse("downtime:enter", args=[paper(world).pk])
    answer = browser(world).post(address, filled(world))
    page = answer.content.decode()
    assert (answer.status_code, Order.objects.exists()) == (422, False)
    assert f'id="person-{known.pk}"' in page
    browser(world).post(address, filled(world, unlike=str(known.pk)))
    assert Order.objects.get().patient != known


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(world: World) -> None:
    address = reverse("downtime:enter", args=[paper(world).pk])
    for changes, words_ in (
        ({"who": "known"}, "Find the patient and choose one"),
        ({"family_name": ""}, "A new patient needs a family name."),
        ({"performed_time": ""}, "When was it done?"),
        ({"procedure": ""}, "This field is required."),
        ({"performed_day": "3000-01-01"}, "More than 20 years from now."),
        ({"performed_time": "99:99"}, "Enter a valid time."),
        ({"safety-egfr": "much"}, "A number from 0 to 200"),
    ):
        answer = browser(world).post(address, filled(world, reason="Kept as typed", **changes))
        page = answer.content.decode()
        assert answer.status_code == 422, changes
        assert words_ in page
        assert "Kept as typed" in page
    assert not Order.objects.exists()


def test_somebody_elses_patient_cannot_be_chosen_by_number(world: World) -> None:
    hidden = world.patient("Hidden")
    hidden.sites.set([world.south])
    address = reverse("downtime:enter", args=[paper(world).pk])
    answer = browser(world).post(address, filled(world, who="known", patient=str(hidden.pk)))
    assert (answer.status_code, Order.objects.count()) == (422, 0)


def test_a_form_that_was_entered_shows_its_order_and_takes_nothing_more(world: World) -> None:
    form = paper(world)
    requested = entered(world, form)
    address = reverse("downtime:enter", args=[form.pk])
    page = browser(world).get(address).content.decode()
    assert "This form is settled" in page
    assert reverse("orders:detail", args=[requested.order_id]) in page
    people = Patient.objects.count()
    assert browser(world).post(address, filled(world)).status_code == 409
    assert (Order.objects.count(), Patient.objects.count()) == (1, people)


def test_the_list_tells_used_spoiled_and_unused_forms_apart(world: World) -> None:
    used, spoiled, left = paper(world), paper(world), paper(world)
    entered(world, used)
    browser(world).post(reverse("downtime:spoil", args=[spoiled.pk]), {"reason": "Coffee"})
    for state, form in (("used", used), ("spoiled", spoiled), ("unused", left)):
        page = browser(world).get(reverse("downtime:forms"), {"state": state}).content.decode()
        assert [str(item) in page for item in (used, spoiled, left)].count(True) == 1
        assert str(form) in page
    assert "Coffee" in browser(world).get(reverse("downtime:forms")).content.decode()


def test_the_passphrase_is_set_by_typing_it_twice(world: World) -> None:
    address, client = reverse("downtime:passphrase", args=["north"]), browser(world, "siteadmin")
    wrong = client.post(address, {"passphrase": SECRET, "again": "harbour lamp 8 willow"})
    assert "The two are not the same." in wrong.content.decode()
    assert SECRET not in wrong.content.decode()
    assert client.post(address, {"passphrase": SECRET, "again": SECRET}).status_code == 302
    assert SnapshotRule.objects.get().site == world.north


def test_the_newest_list_is_downloaded_and_the_alarm_is_on_the_page_and_at_home(world: World) -> None:
    overview, home = reverse("downtime:overview"), reverse("home")
    assert "no passphrase is set" in browser(world).get(overview).content.decode()
    assert "Not ready for a downtime" in browser(world, "siteadmin").get(home).content.decode()
    made = make_snapshot(set_passphrase(world.north, passphrase=SECRET, by=world.siteadmin))
    assert made is not None
    page = browser(world).get(overview).content.decode()
    assert 'role="alert"' not in page
    answer = browser(world).get(reverse("downtime:snapshot", args=[made.pk]))
    assert words(answer.content, password=SECRET)
    assert made.name in answer.headers["Content-Disposition"]
    assert "Not ready for a downtime" not in browser(world, "siteadmin").get(home).content.decode()
