"""PV1-3 says where somebody lies: the exam knows it, and so do the devices."""

from __future__ import annotations

import pytest

from ris.events.models import Event
from ris.scheduling.models import ScheduledProcedureStep
from tests.ris.hl7.incoming.hospital import order, pid, send, visit
from tests.world import World
from worklist.mwl.entries import entries_for

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


def placed(pv1: str, control: str = "NW", placer: str = "PL1") -> tuple[str, str]:
    """An order with this PV1; ward and bed of its newest exam."""
    assert send("ORM^O01", pid(), pv1, *order(control, placer=placer)).code == "AA"
    step = ScheduledProcedureStep.objects.latest("pk")
    return step.ward, step.bed


def test_the_worklist_tells_the_ward_of_an_inpatient_and_follows_the_next_message(world: World) -> None:
    send("ADT^A04", pid())
    assert placed("PV1|1|I|4 West^412^B") == ("4 West", "412 B")
    assert placed("PV1|1|I|5 East^7", "XO") == ("5 East", "7")
    assert placed("PV1|1|I|5 East^7", "XO") == ("5 East", "7")
    assert placed("PV1|1|I", "XO") == ("5 East", "7"), "silence takes nothing away"
    assert Event.objects.filter(kind="step.placed").count() == 2, "the same again is no news"
    send("SIU^S12", pid(), *visit())
    (entry,) = entries_for(world.node("CT1"), None, limit=10)
    assert entry.patient_location == "5 East, 7"
    assert not ScheduledProcedureStep.objects.get().portable, "nobody said that a device goes there"


def test_an_outpatient_lies_nowhere_and_a_bed_that_cannot_be_kept_is_left_out(world: World) -> None:
    send("ADT^A04", pid())
    assert placed("PV1|1|O|Clinic 3^1") == ("", "")
    assert placed("PV1|1|E|Resus^" + "x" * 17, placer="PL2") == ("Resus", "")
    assert placed("PV1|1|I|" + "x" * 41, placer="PL3") == ("", "")
