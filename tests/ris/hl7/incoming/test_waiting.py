"""What was taken and waits is seen, and does not wait for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ris.events.models import Event
from ris.hl7.er7 import read
from ris.hl7.incoming.actions import replay
from ris.hl7.incoming.panel import home_cards
from ris.hl7.incoming.parking import replay_due
from ris.hl7.incoming.record import InboundMessage
from ris.orders.models import Order
from tests.ris.hl7.incoming.hospital import kept, order, pid, send, visit
from tests.ris.hl7.outgoing import destination, messages
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


def came(ago: timedelta) -> None:
    """All messages so far came so long ago."""
    InboundMessage.objects.update(received_at=timezone.now() - ago)


def test_an_order_that_waits_for_over_an_hour_is_seen_at_home_by_who_looks_after_its_site(world: World) -> None:
    send("ORM^O01", pid(), *order())
    assert home_cards(world.siteadmin) == []
    came(timedelta(hours=2))
    (card,) = home_cards(world.siteadmin)
    assert (card.title, card.count, card.urgent) == ("HL7 messages wait", 1, True)
    assert card.url.endswith("?state=parked")
    assert home_cards(world.clerk) == []


def test_an_appointment_that_waits_is_seen_too_and_news_of_people_unknown_here_are_not(world: World) -> None:
    send("ADT^A04", pid())
    send("SIU^S12", pid(), *visit())
    send("ADT^A08", pid("P200"))
    came(timedelta(hours=2))
    (card,) = home_cards(world.siteadmin)
    assert (card.count, card.urgent) == (1, False)


@pytest.mark.parametrize(("control", "unable"), [("NW", "UA"), ("CA", "UC")])
def test_an_order_that_waited_for_a_week_is_refused_and_its_placer_told(
    world: World, control: str, unable: str
) -> None:
    destination(world.north, reports=False, appointments=False)
    if control == "CA":
        send("ADT^A04", pid())
    assert send("ORM^O01", pid(), *order(control), number="LOST").code == "AA"
    came(timedelta(days=6))
    replay_due()
    assert kept("LOST").state == "parked"
    came(timedelta(days=8))
    replay_due()
    assert kept("LOST").state == "refused"
    assert kept("LOST").result.endswith("is not known here yet. It waited for 7 days. Nothing was done.")
    (told,) = messages("order")
    assert (told.first("ORC").text(1), told.first("ORC").text(2)) == (unable, "PL1")
    assert [card.title for card in home_cards(world.siteadmin)] == ["HL7 messages were refused"]
    assert read(bytes(kept("LOST").answer)).first("MSA").text(1) == "AA", "what was answered stands"


def test_what_was_given_up_can_still_be_done_by_a_person(world: World) -> None:
    send("ORM^O01", pid(), *order(), number="LOST")
    came(timedelta(days=8))
    replay_due()
    send("ADT^A04", pid())
    assert not Order.objects.exists(), "the placer was told that there is none"
    replay(kept("LOST"), by=world.siteadmin)
    assert Order.objects.get().placer_number == "PL1"


def test_news_of_somebody_who_never_became_known_are_closed_and_told_to_nobody(world: World) -> None:
    send("ADT^A08", pid("P200"), number="NEWS")
    came(timedelta(days=8))
    replay_due()
    assert kept("NEWS").state == "done"
    assert kept("NEWS").result.endswith("There was nobody to change.")
    assert not Event.objects.filter(kind="hl7.order-refused").exists()


def test_where_the_setting_is_0_messages_wait_for_ever(world: World, settings: Any) -> None:
    settings.HL7_WAITS_DAYS = 0
    send("ORM^O01", pid(), *order(), number="LOST")
    came(timedelta(days=800))
    replay_due()
    assert kept("LOST").state == "parked"
