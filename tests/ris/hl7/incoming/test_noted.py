"""A hospital's feed is full of stays and visits: none of its messages is refused, and the ward stays true."""

from __future__ import annotations

import pytest

from ris.hl7.incoming.tables import MOVES, NOTED
from ris.patients.models import Patient
from ris.scheduling.models import ScheduledProcedureStep
from tests.ris.hl7.incoming.hospital import kept, order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


def lies(patient_class: str, ward: str) -> str:
    return f"PV1|1|{patient_class}|{ward}^12^B"


def wards() -> list[tuple[str, str]]:
    return list(ScheduledProcedureStep.objects.order_by("pk").values_list("ward", "bed"))


def test_a_transfer_goes_to_every_exam_that_waits(world: World) -> None:
    send("ADT^A01", pid(), lies("I", "WARD1"))
    send("ORM^O01", pid(), lies("I", "WARD1"), *order())
    send("ORM^O01", pid(), lies("I", "WARD1"), *order(placer="PL2", code="CTABD"))
    assert wards() == [("WARD1", "12 B")] * 2
    assert send("ADT^A02", pid(), lies("I", "WARD2")).code == "AA"
    assert wards() == [("WARD2", "12 B")] * 2
    assert send("ADT^A12", pid(), lies("I", "WARD1")).code == "AA"
    assert wards() == [("WARD1", "12 B")] * 2


def test_an_older_transfer_does_not_undo_a_newer_one_and_a_clinic_is_no_ward(world: World) -> None:
    send("ADT^A01", pid())
    send("ORM^O01", pid(), *order())
    send("ADT^A02", pid(), lies("I", "WARD2"), at="20261122100000")
    assert send("ADT^A02", pid(), lies("I", "WARD1"), at="20261122090000").code == "AA"
    assert send("ADT^A07", pid(), lies("O", "CLINIC"), at="20261122110000").code == "AA"
    assert wards() == [("WARD2", "12 B")]


@pytest.mark.parametrize("event", ["ADT^A11", "ADT^A38", "ADT^A29", *MOVES, *NOTED])
def test_news_of_a_stay_are_taken_and_change_nothing_and_of_nobody_known_too(world: World, event: str) -> None:
    assert send(event, pid(), "PV1|1|I", number="NOBODY").code == "AA"
    assert (kept("NOBODY").state, kept("NOBODY").result.split(":")[0]) == ("done", "Nobody here has this number")
    send("ADT^A04", pid())
    assert send(event, pid(name="Other^Name"), "PV1|1|I", number="KNOWN").code == "AA"
    assert kept("KNOWN").state == "done"
    known = Patient.objects.get()
    assert (known.family_name, known.identifiers.filter(retired=False).count()) == ("Møller", 1)
