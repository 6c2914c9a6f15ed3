"""What was written earlier and comes later ends as if it had come in its turn: across merges too, field by field."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from django.db import transaction

from ris.hl7.incoming.record import Sender
from ris.orders.models import Order
from ris.patients.actions import merge_patients, unmerge_patient
from ris.patients.models import Patient
from ris.scheduling.models import Appointment
from tests.ris.hl7.incoming.hospital import Answer, a_sender, kept, order, pid, send, visit
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


def at(clock: str) -> str:
    """That time of one day, as HL7 writes it."""
    return f"20261121{clock.replace(':', '')}00"


STAYS, GOES = pid("NEW"), pid("OLD", "Doe^John", "19700101", "M")


def merged(clock: str = "10:00") -> None:
    """Two people of their own, until the hospital finds that they are one."""
    send("ADT^A04", STAYS, at=at("08:00"))
    send("ADT^A04", GOES, at=at("08:10"))
    assert send("ADT^A40", pid("NEW", "Møller^Åse"), "MRG|OLD", at=at(clock)).code == "AA"


def names() -> dict[str, str]:
    """Family names by number."""
    return dict(Patient.objects.values_list("identifiers__value", "family_name"))


def said(answer: Answer) -> tuple[str, str, str]:
    """MSA-1 and the warning that stands beside it: ERR-4, ERR-3."""
    err = answer.message.first("ERR")
    return answer.code, err.text(4), err.text(3)


@pytest.mark.parametrize("event", ["A08", "A31", "A01", "A04"])
@pytest.mark.parametrize("clock", ["09:00", "11:00"])
def test_data_under_a_number_that_was_merged_away_change_nothing_of_who_stayed(
    world: World, event: str, clock: str
) -> None:
    merged()
    answer = send(f"ADT^{event}", pid("OLD", "Doe^Jack", "19700101"), at=at(clock), number="LATE")
    assert said(answer) == ("AA", "W", "0")
    assert "merged" in kept("LATE").result
    assert names() == {"NEW": "Møller", "OLD": "Doe"}
    assert Patient.objects.get(identifiers__value="OLD").given_name == "Jack", "as it would have been in its turn"


def test_who_went_is_not_registered_over_who_stayed_beside_their_number(world: World) -> None:
    merged()
    said_both = send("ADT^A04", pid("NEW~OLD", "Doe^John", "19700101", "M"), at=at("11:00"))
    assert (said_both.code, said_both.fault) == ("AE", ("PID^1^3", "204"))
    assert names()["NEW"] == "Møller"


def test_a_newer_word_on_who_stays_is_not_held_up_by_one_on_who_went(world: World) -> None:
    merged()
    send("ADT^A08", pid("OLD", "Doe^Jack", "19700101"), at=at("11:00"))
    send("ADT^A08", pid("NEW", "Holm^Åse"), at=at("10:30"))
    assert names()["NEW"] == "Holm"


def test_a_merge_of_ours_leaves_the_hospitals_number_alive_from_then_on(world: World) -> None:
    """It knows of no merge: what it says later under either number is the person's, and earlier words are not."""
    send("ADT^A04", STAYS, at=at("08:00"))
    send("ADT^A04", GOES, at=at("08:10"))
    old, new = (Patient.objects.get(identifiers__value=number) for number in ("OLD", "NEW"))
    merge_patients(old, into=new, reason="The same face", by=world.clerk)
    send("ADT^A08", pid("OLD", "Doe^Jack", "19700101"), at="20200101080000")
    assert names()["NEW"] == "Møller"
    assert said(send("ADT^A08", "PID|1||OLD||||||||||555", at="20990101080000")) == ("AA", "", "")
    new.refresh_from_db()
    assert (new.family_name, new.phone) == ("Møller", "555")


def test_who_was_parted_again_has_their_own_data(world: World) -> None:
    merged()
    old = Patient.objects.get(identifiers__value="OLD")
    unmerge_patient(old, reason="Two people", by=world.siteadmin)
    assert said(send("ADT^A08", pid("OLD", "Roe^John", "19700101"), at=at("11:00"))) == ("AA", "", "")
    assert names() == {"NEW": "Møller", "OLD": "Roe"}


def test_an_older_change_of_an_order_undoes_nothing_across_a_merge(world: World) -> None:
    send("ADT^A04", STAYS, at=at("08:00"))
    send("ADT^A04", GOES, at=at("08:10"))
    send("ORM^O01", GOES, *order(), at=at("08:20"))
    send("ORM^O01", GOES, *order("XO", priority="S"), at=at("10:00"))
    send("ADT^A40", STAYS, "MRG|OLD", at=at("10:30"))
    answer = send("ORM^O01", STAYS, *order("XO", priority="R"), at=at("09:00"))
    assert (answer.code, answer.orders, Order.objects.get().priority) == ("AA", ["XR"], "STAT")


def test_an_order_under_a_number_that_was_merged_away_is_placed_for_who_stayed_and_that_is_said(world: World) -> None:
    merged()
    answer = send("ORM^O01", GOES, *order(), at=at("09:00"))
    assert (said(answer), answer.orders) == (("AA", "W", "0"), ["OK"])
    assert Order.objects.get().patient.current == Patient.objects.get(identifiers__value="NEW")
    stranger = send("ORM^O01", pid("OLD", "Roe^Rita", "19990101"), *order(placer="PL2"), at=at("09:00"))
    assert (stranger.code, stranger.fault) == ("AE", ("PID^1^3", "204")), "neither of the two has that name"


def test_an_older_word_on_an_appointment_undoes_nothing_across_a_merge(world: World) -> None:
    send("ADT^A04", STAYS, at=at("08:00"))
    send("ADT^A04", GOES, at=at("08:10"))
    send("ORM^O01", GOES, *order(), at=at("08:20"))
    send("SIU^S12", GOES, *visit(), at=at("08:30"))
    send("SIU^S13", GOES, *visit(start="20270301100000"), at=at("10:00"))
    send("ADT^A40", STAYS, "MRG|OLD", at=at("10:30"))
    assert said(send("SIU^S13", STAYS, *visit(start="20270301110000"), at=at("09:00"))) == ("AA", "W", "0")
    assert Appointment.objects.get().start == datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


HISTORY = (
    ("ADT^A04", "08:00", [f"{STAYS}|||||555"]),
    ("ADT^A04", "08:10", [GOES]),
    ("ORM^O01", "08:20", [GOES, *order(why="Cough", question="Smoker")]),
    ("ORM^O01", "08:40", [GOES, "ORC|XO|PL1", "TQ1|1||||||||S"]),
    ("ORM^O01", "08:50", [GOES, "ORC|XO|PL1||||||||||||||^Haemoptysis", "TQ1|1||||||||A"]),
    ("ADT^A08", "09:00", ["PID|1||OLD||Doe^Jack||||||||777"]),
    ("ADT^A40", "10:00", [pid("NEW", "Møller^Åse"), "MRG|OLD"]),
    ("ADT^A08", "10:10", ["PID|1||NEW||Holm^Åse"]),
    ("ADT^A08", "10:20", ["PID|1||NEW||||||||||888"]),
)


def ending(turns: list[int]) -> tuple[object, ...]:
    """What is known at the end when the history comes in these turns; nothing of it stays."""
    with transaction.atomic():
        for turn in turns:
            kind, clock, segments = HISTORY[turn]
            assert send(kind, *segments, at=at(clock)).code == "AA", (turns, kind, clock)
        person = Patient.objects.get(identifiers__value="NEW")
        placed = Order.objects.get()
        assert placed.patient.current == person.current == person
        gone = Patient.objects.get(identifiers__value="OLD")
        found = (person.family_name, person.given_name, person.birth_date, person.sex, person.phone,
                 gone.family_name, gone.given_name, gone.phone, gone.merged_into_id == person.pk,
                 placed.priority, placed.reason, placed.clinical_question)  # fmt: skip
        transaction.set_rollback(True)
    return found


def test_in_whatever_order_a_history_comes_who_stays_and_the_order_end_as_in_its_own(world: World) -> None:
    own = list(range(len(HISTORY)))
    expected = ending(own)
    assert expected[4:] == ("888", "Doe", "Jack", "777", True, "HIGH", "Haemoptysis", "Smoker")
    dice = random.Random(20261121)  # noqa: S311  the same turns each time
    for _ in range(30):
        turns = dice.sample(own, len(own))
        assert ending(turns) == expected, turns


def test_a_field_that_nothing_newer_spoke_of_is_changed_by_an_older_message(world: World) -> None:
    send("ADT^A04", pid(), at=at("08:00"))
    send("ADT^A08", "PID|1||P100||Holm^Åse", at=at("10:00"))
    late = send("ADT^A08", "PID|1||P100||Falk^Åse||19610518||||||555", at=at("09:00"), number="LATE")
    person = Patient.objects.get()
    assert (person.family_name, person.phone, str(person.birth_date)) == ("Holm", "555", "1961-05-18")
    assert said(late) == ("AA", "W", "0")
    assert late.message.first("ERR").text(8) == "Something newer is known and stays: family name."
    assert kept("LATE").result.endswith("Something newer is known and stays: family name.")


def test_before_version_2_5_a_warning_stands_in_msa_only(world: World) -> None:
    """ERR has no severity there, and would say that something is wrong."""
    send("ADT^A04", pid(), at=at("08:00"))
    send("ADT^A08", "PID|1||P100||Holm^Åse", at=at("10:00"))
    late = send("ADT^A08", "PID|1||P100||Falk^Åse", at=at("09:00"), version="2.3.1")
    assert (late.code, late.message.has("ERR")) == ("AA", False)
    assert late.message.first("MSA").text(3) == "Something newer is known and stays: family name."


def test_what_one_sender_says_makes_nothing_of_another_old(world: World, sender: Sender) -> None:
    """Their clocks are two clocks."""
    a_sender(world.north, name="Other", application="OTHER")
    send("ADT^A04", pid(), at=at("08:00"))
    send("ADT^A08", "PID|1||P100||Holm^Åse", at=at("10:00"), application="OTHER")
    send("ADT^A08", "PID|1||P100||Falk^Åse", at=at("09:00"))
    assert Patient.objects.get().family_name == "Falk"
