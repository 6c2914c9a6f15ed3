"""Printing from the desk: what comes out, what is written down, and what a reprint is called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted
from ris.patients.actions import AlertData, PatientData, add_alert, update_patient
from ris.printing.actions import print_papers
from ris.printing.contents import of_appointment, of_order
from ris.printing.models import Print, Stationery
from ris.scheduling.actions import Slot, cancel_appointment, move
from ris.scheduling.models import Appointment
from tests.ris.printing.reading import barcodes, sizes_mm, words
from tests.world import World

pytestmark = pytest.mark.db
SUMMER = datetime(2027, 7, 5, 6, 30, tzinfo=UTC)  # half past eight in Berlin


def printed(appointment: Appointment, kind: str, world: World) -> bytes:
    return print_papers(of_appointment(kind, appointment), site=appointment.site, by=world.clerk)


def post(world: World, name: str, role: str = "clerk", data: dict[str, Any] | None = None, **at: Any) -> Any:
    client = Client()
    client.force_login(world.people[role])
    return client.post(reverse(name, kwargs=at), data or {})


def test_a_slip_tells_the_sites_own_time_and_the_preparation_of_the_catalogue(world: World) -> None:
    procedure = world.procedure()
    procedure.preparation = "Nothing to eat for four hours."
    procedure.save()
    said = words(printed(world.booking(start=SUMMER), "slip", world))
    assert "Monday 5 July 2027, 08:30" in said
    assert "Nothing to eat for four hours." in said
    assert "1 Northgate Street" in said


def test_a_batch_names_everybody_for_whom_nothing_can_be_printed(world: World) -> None:
    fine, gone = world.booking(), world.booking(world.order(world.patient("Gone", "Gerd")))
    cancel_appointment(gone, reason="Called", by=world.clerk)
    answer = post(world, "printing:batch", kind="label", data={"site": "north", "appointment": [fine.pk, gone.pk]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Gone, Gerd: This appointment does not stand any more" in page
    assert "Møller" not in page
    assert Print.objects.count() == 0
    answer = post(world, "printing:batch", kind="label", data={"site": "north", "appointment": [fine.pk]})
    assert answer.headers["Content-Type"] == "application/pdf"


def test_every_exam_of_an_appointment_gets_its_label(world: World) -> None:
    appointment = world.booking()
    accession = appointment.steps.get().requested_procedure.accession_number
    assert barcodes(printed(appointment, "label", world)) == [accession]


def test_the_second_print_of_the_same_paper_is_copy_one_then_copy_two(world: World) -> None:
    appointment = world.booking()
    first, second, third = (words(printed(appointment, "slip", world)) for _ in range(3))
    assert "COPY" not in first
    assert "COPY 1" in second
    assert "COPY 2" in third
    assert list(Print.objects.order_by("pk").values_list("copy", flat=True)) == [0, 1, 2]


def test_the_slip_of_a_moved_appointment_is_a_new_paper_and_no_copy(world: World) -> None:
    appointment = world.booking(start=SUMMER)
    printed(appointment, "slip", world)
    moved = move(
        appointment, slot=Slot(resource=world.room(), start=SUMMER + timedelta(hours=2), minutes=20), by=world.clerk
    )
    said = words(printed(Appointment.objects.get(pk=moved.pk), "slip", world))
    assert "10:30" in said
    assert "COPY" not in said


def test_a_print_is_a_row_and_an_audit_row_with_who_and_what_and_no_name(world: World) -> None:
    printed(world.booking(), "wristband", world)
    row = Print.objects.get()
    assert (row.kind, row.printed_by_name, row.patient.family_name) == ("wristband", "Clara Clerk", "Møller")
    told = AuditEvent.objects.get(action="paper.printed")
    assert (told.event_code, told.target_id) == ("110106", str(row.pk))
    assert told.patient_id == row.patient_id
    assert "Møller" not in str(told.detail)


def test_a_wristband_names_the_kinds_of_alert_of_the_person(world: World) -> None:
    appointment = world.booking()
    alert = AlertData(kind="allergy", text="Latex", noted_on=datetime(2020, 1, 1, tzinfo=UTC).date())
    add_alert(appointment.patient, alert, by=world.clerk)
    assert "ALERT: Allergy" in words(printed(appointment, "wristband", world))


def test_paper_follows_the_stationery_of_the_site(world: World) -> None:
    Stationery.objects.create(
        site=world.north, slip_size="A5", slip_note="Ring 123.", label_width_mm=80, label_height_mm=40
    )
    appointment = world.booking()
    slip = printed(appointment, "slip", world)
    assert (sizes_mm(slip), "Ring 123." in words(slip)) == ([(148, 210)], True)
    assert sizes_mm(printed(appointment, "label", world)) == [(80, 40)]


def test_nothing_is_printed_for_an_appointment_that_was_cancelled(world: World) -> None:
    appointment = world.booking()
    cancel_appointment(appointment, reason="Called", by=world.clerk)
    with pytest.raises(InvalidInput, match="does not stand"):
        of_appointment("slip", Appointment.objects.get(pk=appointment.pk))


def test_a_lost_glyph_prints_nothing_writes_nothing_and_names_the_order(world: World) -> None:
    good, bad = world.booking(), world.booking(world.order(world.patient("अमित")))
    papers = [*of_appointment("label", good), *of_appointment("label", bad)]
    number = bad.steps.get().requested_procedure.order.filler_number
    with pytest.raises(InvalidInput, match=rf"cannot be printed.*{number}"):
        print_papers(papers, site=world.north, by=world.clerk)
    assert not Print.objects.exists()


def test_the_name_on_paper_is_that_of_the_record_now(world: World) -> None:
    order = world.order(world.patient("Mistyped"))
    update_patient(order.patient, PatientData(family_name="Right", given_name="Åse"), by=world.clerk)
    order.refresh_from_db()
    said = words(print_papers(of_order("label", order), site=world.north, by=world.clerk))
    assert ("Right, Åse" in said, "Mistyped" in said) == (True, False)


def test_who_may_not_print_prints_nothing(world: World) -> None:
    papers = of_appointment("label", world.booking())
    with pytest.raises(NotPermitted):
        print_papers(papers, site=world.north, by=world.radiologist)
    assert not Print.objects.exists()


def test_a_day_prints_the_labels_of_those_chosen_on_sheets(world: World) -> None:
    chosen = [world.booking(world.order(world.patient(name)), start=SUMMER + timedelta(hours=number))
              for number, name in enumerate(("One", "Two", "Three"))]  # fmt: skip
    body = {"site": "north", "appointment": [chosen[0].pk, chosen[2].pk], "labels": "sheet", "used": "2"}
    response = post(world, "printing:batch", data=body, kind="label")
    assert response.headers["Content-Type"] == "application/pdf"
    assert "no-store" in response.headers["Cache-Control"]
    wanted = [row.steps.get().requested_procedure.accession_number for row in (chosen[0], chosen[2])]
    assert (barcodes(response.content), sizes_mm(response.content)) == (wanted, [(210, 297)])


def test_a_batch_without_anybody_says_what_to_do(world: World) -> None:
    response = post(world, "printing:batch", data={"site": "north"}, kind="wristband")
    assert response.status_code == 422
    assert "Choose what to print" in response.content.decode()


def test_the_day_board_offers_the_papers_of_what_was_just_booked(world: World) -> None:
    requested = world.requested()
    client = Client()
    client.force_login(world.clerk)
    slot = {"room": world.room().pk, "day": "2027-07-05", "time": "08:30", "minutes": "20"}
    page = client.post(reverse("scheduling:book", args=[requested.pk]), slot, follow=True).content.decode()
    appointment = Appointment.objects.get()
    assert "Just booked" in page
    assert reverse("printing:appointment", args=[appointment.pk, "slip"]) in page


def test_the_appointment_and_the_order_show_what_was_printed_and_by_whom(world: World) -> None:
    appointment = world.booking()
    printed(appointment, "label", world)
    printed(appointment, "label", world)
    client = Client()
    client.force_login(world.clerk)
    order = appointment.steps.get().requested_procedure.order
    for address in (
        reverse("scheduling:appointment", args=[appointment.pk]),
        reverse("orders:detail", args=[order.pk]),
    ):
        page = client.get(address).content.decode()
        assert "Label, copy 1" in page
        assert "printed by Clara Clerk" in page


@pytest.mark.parametrize("booked", ["0", "x", "9" * 40, "-1", "'><script>"])
def test_the_day_board_bears_any_word_for_what_was_booked(world: World, booked: str) -> None:
    client = Client()
    client.force_login(world.clerk)
    response = client.get(reverse("scheduling:day"), {"site": "north", "booked": booked})
    assert response.status_code == 200
    assert "Just booked" not in response.content.decode()


def test_the_list_of_a_day_costs_the_same_queries_for_one_and_for_ten(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.force_login(world.clerk)
    for number in range(10):
        world.booking(world.order(world.patient(f"Many{number}")), start=SUMMER + timedelta(minutes=30 * number))
    with django_assert_max_num_queries(16):
        page = client.get(reverse("printing:day"), {"site": "north", "day": "2027-07-05"}).content.decode()
    assert page.count('name="appointment"') == 10
