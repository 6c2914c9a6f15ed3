"""Sides stand first; a radiologist decides how an exam is done."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.orders.actions import (
    OrderDetails,
    ask_protocol_again,
    cancel_order,
    decide_protocol,
    place_order,
    return_protocol,
)
from ris.orders.history import history_of
from ris.orders.models import Order, Procedure, Protocol
from tests.worklist.mwl.samples import answered
from tests.world import World
from worklist.mwl.entries import entries_for
from worklist.mwl.query import parse
from worklist.mwl.style import Style

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def ordered(world: World, procedure: Procedure, **sides: str) -> Order:
    return place_order(
        world.patient(), site=world.north, procedures=[procedure], details=OrderDetails(), by=world.clerk, sides=sides
    )


@pytest.mark.parametrize("sides", [{}, {"DXKNEE": ""}, {"DXKNEE": "X"}, {"DXELBOW": "R"}])
def test_a_paired_body_part_refuses_an_order_without_a_side(
    sides: dict[str, str], world: World, knee: Procedure
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ordered(world, knee, **sides)
    assert "procedures" in refusal.value.fields
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("side", "words", "code"),
    [
        ("R", "RIGHT Knee radiograph", "24028007"),
        ("L", "LEFT Knee radiograph", "7771000"),
        ("B", "BILATERAL Knee radiograph", "51440002"),
    ],
)
def test_the_side_stands_first_on_the_worklist_and_modifies_the_protocol(
    side: str, words: str, code: str, world: World, knee: Procedure
) -> None:
    order = ordered(world, knee, DXKNEE=side)
    world.booking(order, room="X-ray")
    (entry,) = entries_for(world.node("DX1"), None, limit=10)
    asked = Dataset()
    asked.RequestedProcedureDescription = ""
    asked.ScheduledProcedureStepSequence = [Dataset()]
    asked.ScheduledProcedureStepSequence[0].ScheduledProcedureStepDescription = ""
    asked.ScheduledProcedureStepSequence[0].ScheduledProtocolCodeSequence = []
    answer = answered(entry, parse(asked), Style(("",)))
    (step,) = answer.ScheduledProcedureStepSequence
    assert (answer.RequestedProcedureDescription, step.ScheduledProcedureStepDescription) == (words, words)
    (modifier,) = step.ScheduledProtocolCodeSequence[0].ProtocolContextSequence
    assert modifier.ConceptNameCodeSequence[0].CodeMeaning == "Laterality"
    assert modifier.ConceptCodeSequence[0].CodeValue == code


def test_a_side_is_not_kept_where_the_body_has_none(world: World) -> None:
    order = ordered(world, world.procedure(), CTCHEST="L")
    assert order.procedures.get().description == "CT chest"


def test_the_radiologist_finds_the_default_and_the_device_gets_what_was_approved(
    world: World, protocolled: Procedure
) -> None:
    order = ordered(world, protocolled)
    protocol = Protocol.objects.get(requested_procedure__order=order)
    assert (protocol.state, protocol.text) == ("open", "Function")
    world.booking(order, room="MR 1")
    assert entries_for(world.node("MR1"), None, limit=10)[0].steps[0].comments == ""
    decide_protocol(protocol, text="Function and late enhancement", by=world.radiologist)
    assert entries_for(world.node("MR1"), None, limit=10)[0].steps[0].comments == "Function and late enhancement"
    assert history_of(order)[0].title == "Protocol approved"


def test_what_is_sent_back_says_why_and_comes_again(world: World, protocolled: Procedure) -> None:
    order = ordered(world, protocolled)
    protocol = Protocol.objects.get(requested_procedure__order=order)
    with pytest.raises(InvalidInput):
        return_protocol(protocol, reason="", by=world.radiologist)
    returned = return_protocol(protocol, reason="Which valve?", by=world.radiologist)
    assert (returned.state, returned.reason) == ("returned", "Which valve?")
    assert ask_protocol_again(protocol, by=world.clerk).state == "open"
    titles = [entry.title for entry in history_of(order)]
    assert titles[:2] == ["Handed to the radiologist again", "Sent back by the radiologist"]


@pytest.mark.parametrize("role", ["clerk", "technologist", "resident", "outsider"])
def test_only_radiologists_of_the_site_protocol(role: str, world: World, protocolled: Procedure) -> None:
    protocol = Protocol.objects.get(requested_procedure__order=ordered(world, protocolled))
    with pytest.raises(NotPermitted):
        decide_protocol(protocol, text="As usual", by=world.people[role])
    with pytest.raises(NotPermitted):
        return_protocol(protocol, reason="No", by=world.people[role])


def test_an_order_that_is_over_is_not_protocolled(world: World, protocolled: Procedure) -> None:
    order = ordered(world, protocolled)
    cancel_order(order, reason="Declined", by=world.clerk)
    with pytest.raises(TransitionError):
        decide_protocol(Protocol.objects.get(), text="As usual", by=world.radiologist)


def test_where_the_catalogue_asks_for_none_there_is_none(world: World) -> None:
    world.order()
    assert not Protocol.objects.exists()
