"""What a message says of a patient's safety is on record: allergies, eGFR, pregnancy."""

from __future__ import annotations

from datetime import date

import pytest

from ris.hl7.incoming.record import Sender, Translation
from ris.orders.models import Order, SafetyAnswer
from ris.patients.models import PatientAlert
from tests.ris.hl7.incoming.hospital import order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]
IODINE = "AL1|1|DA|^Iodinated contrast|SV|Hives~Dyspnoea|20250310"


def answers() -> dict[str, tuple[str, str, date]]:
    rows = SafetyAnswer.objects.filter(current=True)
    return {row.kind: (row.value, row.effect, row.measured_on) for row in rows}


def test_an_allergy_becomes_an_alert_once_and_silence_takes_none_away(world: World) -> None:
    send("ADT^A04", pid(), IODINE)
    send("ADT^A08", pid(), IODINE, "AL1|2|DA|PEN")
    send("ADT^A08", pid())
    found = PatientAlert.objects.filter(active=True, kind="allergy").order_by("pk")
    assert [row.text for row in found] == ["Iodinated contrast: severe, Hives, Dyspnoea", "PEN"]
    assert (found[0].noted_on, found[0].source) == (date(2025, 3, 10), "Ward")


@pytest.mark.parametrize(
    "none",
    [
        "^NKDA", "NKA", "716186003^No known allergy^SCT", "409137002^Keine Arzneimittelallergie bekannt^SCT", "^None",
        "428607008^^SCT", "428197003", "^No Known Drug Allergies", "NKDA^No known drug allergies^L",
        "^no known allergies", "^Keine Allergien bekannt",
    ],
)  # fmt: skip
def test_that_no_allergy_is_known_is_none_and_takes_none_away(world: World, none: str) -> None:
    send("ADT^A04", pid(), IODINE)
    assert send("ADT^A08", pid(), f"AL1|1|DA|{none}|U||20261101").code == "AA"
    assert PatientAlert.objects.filter(active=True).count() == 1


@pytest.mark.parametrize("one", ["NKA^Nickel and cobalt^L|", "^No known allergies except penicillin|", "^None|U|Rash"])
def test_what_only_resembles_that_is_an_allergy(world: World, one: str) -> None:
    send("ADT^A04", pid(), f"AL1|1|DA|{one}")
    assert PatientAlert.objects.filter(active=True, kind="allergy").count() == 1


def test_observations_answer_what_the_exam_asks_and_the_rest_is_told(world: World) -> None:
    send("ADT^A04", pid(born="19900517"))
    said = send(
        "ORM^O01",
        pid(born="19900517"),
        *order(question="Smoker", code=contrast_exam(world)),
        "OBX|1|NM|98979-8^eGFR^LN||28|mL/min/{1.73_m2}|||||F|||20261115",
        "OBX|2|CWE|82810-3^Pregnancy status^LN||LA26683-5^Not pregnant^LN||||||F",
        "OBX|3|NM|29463-7^Body weight^LN||82|kg|||||F",
        "OBX|4|NM|62238-1^eGFR^LN||99||||||X",
    )
    assert said.orders == ["OK"]
    assert answers()["egfr"] == ("28", "hard-stop", date(2026, 11, 15))
    assert answers()["pregnancy"][:2] == ("no", "none")
    assert Order.objects.get().clinical_question == "Smoker\nBody weight: 82 kg"


def test_a_sender_may_have_codes_of_its_own_and_pv1_tells_of_a_pregnancy(world: World, sender: Sender) -> None:
    Translation.objects.create(sender=sender, table="observed", theirs="GFR", ours="egfr")
    send("ADT^A04", pid(born="19900517"))
    head, *rest = order(code=contrast_exam(world))
    visit = "PV1|1|I|W3^12^1||||||||||||B6"
    send("ORM^O01", pid(born="19900517"), visit, head, *rest, "OBX|1|SN|GFR^eGFR^L||>^90|ml/min")
    assert {kind: row[:2] for kind, row in answers().items()} == {
        "egfr": ("90", "none"),
        "pregnancy": ("yes", "hard-stop"),
    }


def contrast_exam(world: World) -> str:
    procedure = world.procedure("CTCHEST")
    type(procedure).objects.filter(pk=procedure.pk).update(contrast=True)
    return procedure.code


EGFR = "OBX|1|NM|33914-3^eGFR^LN||22|mL/min|||||F"
WEIGHT = "OBX|2|NM|29463-7^Body weight^LN||82|kg|||||F"
IN_CARE = "PV1|1|I|W3^12^1||||||||||||B6"


def told_of_ct(world: World, placer: str = "PL1") -> None:
    """An order for another exam, which was answered when all was well."""
    send("ADT^A04", pid(born="19900517"))
    well = ["OBX|1|NM|33914-3^eGFR^LN||95|mL/min|||||F"]
    send("ORM^O01", pid(born="19900517"), *order(placer=placer, code=contrast_exam(world)), *well)
    type(world.procedure("CTABD")).objects.filter(code="CTABD").update(contrast=True)


def test_what_comes_with_a_replacement_is_known_of_the_new_order(world: World) -> None:
    told_of_ct(world)
    instead = order("RO", placer="PL2", code="CTABD", question="Bleeding")
    said = send("ORM^O01", pid(born="19900517"), IN_CARE, "ORC|RP|PL1", *instead, EGFR, WEIGHT)
    assert said.orders == ["RQ", "RO"]
    assert answers_of("PL2") == {"egfr": ("22", "hard-stop"), "pregnancy": ("yes", "hard-stop")}
    assert Order.objects.get(placer_number="PL2").clinical_question == "Bleeding\nBody weight: 82 kg"


def test_a_change_to_another_exam_brings_its_own_answers(world: World) -> None:
    told_of_ct(world)
    said = send("ORM^O01", pid(born="19900517"), IN_CARE, *order("XO", code="CTABD"), EGFR, WEIGHT)
    assert said.orders == ["XR"]
    assert answers_of("PL1") == {"egfr": ("22", "hard-stop"), "pregnancy": ("yes", "hard-stop")}
    assert Order.objects.get(state="active").clinical_question == "Body weight: 82 kg"


def test_a_change_loses_no_observation_and_says_none_twice(world: World) -> None:
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order(question="Smoker"), WEIGHT)
    send("ORM^O01", pid(), *order("XO", question="Heavy smoker"), WEIGHT)
    assert Order.objects.get().clinical_question == "Heavy smoker\nBody weight: 82 kg"
    send("ORM^O01", pid(), *order("XO"), WEIGHT, "OBX|3|NM|8302-2^Height^LN||171|cm|||||F")
    assert Order.objects.get().clinical_question == "Heavy smoker\nBody weight: 82 kg\nHeight: 171 cm"


def answers_of(placer: str) -> dict[str, tuple[str, str]]:
    rows = SafetyAnswer.objects.filter(order__placer_number=placer, order__state="active", current=True)
    return {row.kind: (row.value, row.effect) for row in rows}
