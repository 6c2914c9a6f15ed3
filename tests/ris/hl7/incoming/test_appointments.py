"""SIU: appointments that another system makes stand in our rooms, and nobody is in two places."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ris.hl7.incoming.keys import number_of_visit
from ris.hl7.incoming.record import Sender, Translation
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling.actions import Slot, book
from ris.scheduling.models import Appointment
from tests.ris.hl7.incoming.hospital import kept, order, pid, send, visit
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


@pytest.fixture
def placed(world: World, sender: Sender) -> Order:
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order())
    return Order.objects.get()


def test_a_booking_stands_in_the_room_at_site_time(placed: Order) -> None:
    assert send("SIU^S12", pid(), *visit()).code == "AA"
    made = Appointment.objects.get()
    assert (made.resource.name, made.start) == ("CT 1", datetime(2027, 3, 1, 7, 30, tzinfo=UTC))
    assert made.end - made.start == made.end.replace(minute=50) - made.end.replace(minute=30)
    assert made.steps.get().requested_procedure.order == placed


def test_a_booking_may_name_its_offset(placed: Order) -> None:
    send("SIU^S12", pid(), *visit(start="202703010830-0500"))
    assert Appointment.objects.get().start == datetime(2027, 3, 1, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize("event", ["S13", "S14"])
def test_an_appointment_moves(placed: Order, event: str) -> None:
    send("SIU^S12", pid(), *visit())
    assert send(f"SIU^{event}", pid(), *visit(start="20270301100000")).code == "AA"
    assert Appointment.objects.get().start == datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def test_a_change_that_changes_nothing_is_no_move(placed: Order) -> None:
    send("SIU^S12", pid(), *visit())
    assert send("SIU^S14", pid(), *visit()).code == "AA"
    assert Appointment.objects.get().sequence == 0


def test_a_cancelled_appointment_leaves_the_exam_to_be_scheduled_and_may_be_booked_anew(placed: Order) -> None:
    send("SIU^S12", pid(), *visit())
    assert send("SIU^S15", pid(), *visit()).code == "AA"
    assert Appointment.objects.get().state == "cancelled"
    assert placed.procedures.get().steps.get().appointment is None
    assert send("SIU^S12", pid(), *visit(start="20270301110000")).code == "AA"


def test_who_did_not_come_is_marked_once_the_time_has_come(world: World, placed: Order) -> None:
    send("SIU^S12", pid(), *visit())
    assert send("SIU^S26", pid(), *visit()).code == "AE"
    made = Appointment.objects.get()
    early = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    Appointment.objects.update(start=early, end=early.replace(hour=9))
    assert send("SIU^S26", pid(), *visit()).code == "AA"
    made.refresh_from_db()
    assert made.state == "noshow"


def test_a_room_that_is_taken_is_said(placed: Order) -> None:
    send("SIU^S12", pid(), *visit())
    send("ADT^A04", pid("P200", "Other^One", "19900101"))
    send("ORM^O01", pid("P200", "Other^One", "19900101"), *order(placer="PL2"))
    said = send("SIU^S12", pid("P200", "Other^One", "19900101"), *visit("V2", "PL2"))
    assert (said.code, said.fault) == ("AE", ("AIS^1^4", "206"))
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    ("segments", "fault"),
    [
        (visit(number=""), ("SCH^1^1", "101")),
        (visit(placer=""), ("SCH^1^26", "101")),
        (visit(room="Nowhere"), ("AIL^1^3^1^2", "103")),
        (visit(start=""), ("AIS^1^4", "101")),
        (visit(start="soon"), ("AIS^1^4", "102")),
        (visit(room="MR 1"), ("AIL^1^3", "102")),
    ],
)
def test_what_cannot_be_booked_is_said_with_its_place(
    placed: Order, segments: list[str], fault: tuple[str, str]
) -> None:
    said = send("SIU^S12", pid(), *segments)
    assert (said.code, said.fault) == ("AE", fault)
    assert not Appointment.objects.exists()


def test_a_booking_and_its_changes_wait_for_the_order(world: World) -> None:
    send("ADT^A04", pid())
    send("SIU^S13", pid(), *visit(start="20270301100000"), number="MOVE")
    send("SIU^S12", pid(), *visit(), number="BOOK")
    assert (kept("MOVE").state, kept("BOOK").state) == ("parked", "parked")
    send("ORM^O01", pid(), *order())
    assert (kept("MOVE").state, kept("BOOK").state) == ("done", "done")
    assert Appointment.objects.get().start == datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def test_an_appointment_is_known_by_the_number_of_either_system(placed: Order) -> None:
    both, later = [visit(start=start) for start in ("20270301083000", "20270301100000")]
    both[0] = both[0].replace("SCH|V1|", "SCH|V1|F7")
    later[0] = later[0].replace("SCH|V1|", "SCH||F7")
    send("SIU^S13", pid(), *later, number="MOVE")
    assert kept("MOVE").state == "parked"
    assert send("SIU^S12", pid(), *both).code == "AA"
    assert kept("MOVE").state == "done"
    assert Appointment.objects.get().start == datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    assert send("SIU^S15", pid(), *visit("F7")).code == "AA"
    assert Appointment.objects.get().state == "booked", "SCH-1 and SCH-2 are numbers of two systems"


def test_rooms_may_have_the_senders_names(placed: Order, sender: Sender) -> None:
    Translation.objects.create(sender=sender, table="room", theirs="R1", ours="CT 1")
    assert send("SIU^S12", pid(), *visit(room="R1")).code == "AA"


def test_nobody_moves_the_appointment_of_another(placed: Order) -> None:
    send("SIU^S12", pid(), *visit())
    send("ADT^A04", pid("P200", "Other^One", "19900101"))
    assert send("SIU^S15", pid("P200", "Other^One", "19900101"), *visit()).fault == ("PID^1^3", "204")
    assert Appointment.objects.get().state == "booked"


NEWER, OLDER = "20261122100000", "20261122090000"


@pytest.mark.parametrize("event", ["S13", "S14", "S15", "S26"])
def test_an_older_word_on_an_appointment_does_not_undo_a_newer_one(placed: Order, event: str) -> None:
    send("SIU^S12", pid(), *visit())
    send("SIU^S13", pid(), *visit(start="20270301100000"), at=NEWER)
    said = send(f"SIU^{event}", pid(), *visit(start="20270301120000"), at=OLDER, number="OLDER")
    assert (said.code, "Something newer" in kept("OLDER").result) == ("AA", True)
    made = Appointment.objects.get()
    assert (made.state, made.start) == ("booked", datetime(2027, 3, 1, 9, 0, tzinfo=UTC))


def test_a_room_that_nothing_newer_spoke_of_is_changed_by_an_older_message(world: World, placed: Order) -> None:
    send("SIU^S12", pid(), *visit(), at="20261121080000")
    send("SIU^S13", pid(), "SCH|V1", "AIS|1|A||20270301100000", at=NEWER)
    late = ["SCH|V1", "AIS|1|A||20270301110000|||40|min"]
    said = send("SIU^S14", pid(), *late, at=OLDER)
    made = Appointment.objects.get()
    assert (said.code, made.start) == ("AA", datetime(2027, 3, 1, 9, 0, tzinfo=UTC))
    assert (made.end - made.start).total_seconds() == 40 * 60
    assert said.message.first("ERR").text(8) == "Something newer is known and stays: time."


def test_a_move_that_was_overtaken_by_a_cancellation_is_no_fault(placed: Order) -> None:
    send("SIU^S12", pid(), *visit(), at="20261121080000")
    send("SIU^S15", pid(), *visit(), at=NEWER)
    assert send("SIU^S13", pid(), *visit(start="20270301110000"), at=OLDER).code == "AA"
    assert Appointment.objects.get().state == "cancelled"


def test_news_of_one_appointment_hide_none_of_another(placed: Order) -> None:
    send("ORM^O01", pid(), *order(placer="PL2", code="CTABD"))
    send("SIU^S12", pid(), *visit())
    send("SIU^S12", pid(), *visit("V2", "PL2", start="20270302083000"), at=NEWER)
    assert send("SIU^S13", pid(), *visit(start="20270301100000"), at=OLDER).code == "AA"
    assert Appointment.objects.order_by("pk")[0].start == datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def a_visit_of(number: str, placer: str, room: str, *codes: str, start: str = "20270301083000") -> list[str]:
    """An appointment of these services."""
    sch, _ais, ail = visit(number, placer, room, start)
    return [sch, *(f"AIS|{place}|A|{code}|{start}|||20|min" for place, code in enumerate(codes, start=1)), ail]


def booked_in(room: str) -> list[str]:
    rows = RequestedProcedure.objects.filter(steps__appointment__resource__name=room)
    return sorted(rows.values_list("procedure__code", flat=True))


def test_an_appointment_is_of_the_exams_that_it_names_and_the_others_get_theirs(placed: Order) -> None:
    send("ORM^O01", pid(), *order(placer="PL2"), order(placer="PL2", code="DXCHEST")[1])
    assert send("SIU^S12", pid(), *a_visit_of("V1", "PL2", "CT 1", "CTCHEST")).code == "AA"
    assert (booked_in("CT 1"), booked_in("X-ray")) == (["CTCHEST"], [])
    later = a_visit_of("V2", "PL2", "X-ray", "DXCHEST", start="20270301093000")
    assert send("SIU^S12", pid(), *later).code == "AA"
    assert booked_in("X-ray") == ["DXCHEST"]


AT_HALF_PAST, AT_TEN_TO, AT_TEN = "20270301083000", "20270301085000", "20270301100000"


@pytest.mark.parametrize(
    ("second", "room", "minutes"), [(AT_TEN_TO, "CT 1", 40), (AT_HALF_PAST, "CT 1", 20), (AT_TEN, "CT 1", 0),
                                    (AT_TEN_TO, "X-ray", 0)],
)  # fmt: skip
def test_services_that_are_apart_are_refused_and_those_in_a_row_are_one_appointment(
    placed: Order, second: str, room: str, minutes: int
) -> None:
    send("ORM^O01", pid(), *order(placer="PL2"), order(placer="PL2", code="CTABD")[1])
    groups = [("CTCHEST", AT_HALF_PAST, "CT 1"), ("CTABD", second, room)]
    segments = [
        one
        for place, (code, start, where) in enumerate(groups, start=1)
        for one in (f"RGS|{place}|A", f"AIS|1|A|{code}|{start}|||20|min", f"AIL|1|A|^{where}")
    ]
    said = send("SIU^S12", pid(), f"SCH|V1{'|' * 25}PL2", *segments)
    assert (said.code, said.fault) == (("AA", ("", "")) if minutes else ("AE", ("RGS^2", "100")))
    lengths = [(one.end - one.start).total_seconds() / 60 for one in Appointment.objects.all()]
    assert lengths == ([minutes] if minutes else [])


def test_an_exam_may_have_the_senders_code_and_a_service_of_its_own_is_the_whole_order(
    placed: Order, sender: Sender
) -> None:
    Translation.objects.create(sender=sender, table="procedure", theirs="4711", ours="CTABD")
    send("ORM^O01", pid(), *order(placer="PL2"), order(placer="PL2", code="CTABD")[1])
    assert send("SIU^S12", pid(), *a_visit_of("V1", "PL2", "CT 1", "4711")).code == "AA"
    assert booked_in("CT 1") == ["CTABD"]
    assert send("SIU^S12", pid(), *a_visit_of("V2", "PL1", "CT 1", "VISIT", start="20270301093000")).code == "AA"
    assert booked_in("CT 1") == ["CTABD", "CTCHEST"]


def test_one_appointment_may_be_of_several_orders_and_waits_for_each(placed: Order) -> None:
    both = visit("V1", "PL1~PL2")
    assert send("SIU^S12", pid(), *both, number="BOTH").code == "AA"
    assert (kept("BOTH").state, Appointment.objects.exists()) == ("parked", False)
    send("ORM^O01", pid(), *order(placer="PL2", code="CTABD"))
    assert kept("BOTH").state == "done"
    assert booked_in("CT 1") == ["CTABD", "CTCHEST"]
    third = visit("V2", "PL1~PL3", start="20270301093000")
    send("ORM^O01", pid(), *order(placer="PL3"))
    assert send("SIU^S12", pid(), *third).fault == ("SCH^1^26", "204"), "nothing of PL1 waits any more"


def test_an_appointment_of_ours_is_moved_by_the_number_that_we_sent_and_then_by_theirs(
    world: World, placed: Order
) -> None:
    slot = Slot(resource=world.room(), start=world.soon(), minutes=20)
    ours = book([placed.procedures.get()], slot=slot, by=world.clerk)
    sch, *rest = visit("V7", start="20270301100000")
    named = sch.replace("SCH|V7|", f"SCH|V7|{number_of_visit(ours)}")
    assert send("SIU^S13", pid(), named, *rest).code == "AA"
    ours.refresh_from_db()
    assert ours.start == datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    assert send("SIU^S15", pid(), *visit("V7")).code == "AA"
    ours.refresh_from_db()
    assert ours.state == "cancelled"
