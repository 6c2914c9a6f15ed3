"""What repeats is kept with all its repetitions: reasons, notes, observations; what is escaped is not divided."""

from __future__ import annotations

import pytest

from ris.hl7.incoming.record import FieldRule, Sender
from ris.orders.models import Order, SafetyAnswer
from tests.ris.hl7.incoming.hospital import order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


def placed(*more: str, **fields: str) -> Order:
    send("ADT^A04", pid())
    assert send("ORM^O01", pid(), *order(**fields), *more).orders == ["OK"]
    return Order.objects.get()


def test_each_repetition_of_a_note_is_a_line_of_the_question(world: World) -> None:
    notes = ["NTE|1||Pain since Monday~~Known aneurysm~Pacemaker", "NTE|2||Pacemaker~Comes by bed"]
    lines = ["Fall", "Pain since Monday", "Known aneurysm", "Pacemaker", "Comes by bed"]
    assert placed(*notes, question="Fall").clinical_question.splitlines() == lines


def test_an_escaped_separator_divides_nothing(world: World) -> None:
    assert placed("NTE|1||5\\R\\10 mm~soft").clinical_question == "5~10 mm\nsoft"


def test_all_reasons_stand_with_the_order_whether_coded_or_in_words(world: World) -> None:
    assert placed(why="Cough~R50.9^Fever~J18").reason == "Cough; Fever; J18"


def test_the_reasons_of_all_exams_of_an_order_are_its_reasons(world: World) -> None:
    send("ADT^A04", pid())
    both = [*order(why="Cough"), *order(code="CTABD", why="Cough~^Jaundice")]
    assert send("ORM^O01", pid(), *both).orders == ["OK"]
    assert Order.objects.get().reason == "Cough; Jaundice"


def test_a_sender_may_have_reasons_that_repeat_elsewhere(world: World, sender: Sender) -> None:
    FieldRule.objects.create(sender=sender, target="order.reason", paths="ZRE-1.2, ZRE-1.1")
    assert placed("ZRE|R05^Cough~^Fever~J18").reason == "Cough; Fever; J18"


@pytest.mark.parametrize(
    ("observation", "told"),
    [
        ("OBX|1|TX|1^History||line one~line two", "History: line one\nline two"),
        ("OBX|1|CWE|2^Devices||A1^Pump^L~B2^Port^L", "Devices: A1 Pump, B2 Port"),
        ("OBX|1|SN|3^Titre||^1^:^128", "Titre: 1 : 128"),
    ],
)
def test_each_repetition_of_an_observation_is_told(world: World, observation: str, told: str) -> None:
    assert placed(observation).clinical_question == told


def test_two_answers_at_once_answer_nothing_and_are_told(world: World) -> None:
    found = placed("OBX|1|CWE|82810-3^Pregnancy status||LA26683-5^No^LN~LA15173-0^Yes^LN")
    assert not SafetyAnswer.objects.exists()
    assert found.clinical_question == "Pregnancy status: LA26683-5 No, LA15173-0 Yes"


def test_two_quotes_delete_a_reason_and_silence_keeps_it(world: World) -> None:
    placed(why="Cough", question="Fall")
    head, obr = order("XO", why='""')
    send("ORM^O01", pid(), head, obr.replace('^""', '""'))
    assert (Order.objects.get().reason, Order.objects.get().clinical_question) == ("", "Fall")
