"""More comes than can be done: it is taken, answered at once, and done in order by the worker."""

from __future__ import annotations

import pytest

from ris.hl7.incoming.backlog import work_off
from ris.hl7.incoming.panel import home_cards
from ris.hl7.incoming.patience import Patience
from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.taking import take
from ris.orders.models import Order
from ris.patients.models import Patient
from tests.ris.hl7.incoming.hospital import Answer, kept, message, order, pid, send
from tests.world import World

PEER = "127.0.0.1"


def hurried(raw: bytes) -> Answer:
    return Answer(receive(raw, peer=PEER, hurried=True))


def never() -> bool:
    return False


def test_patience_is_used_up_by_work_and_regained_with_time() -> None:
    now = [100.0]
    patience = Patience(2.0, regained=0.5, clock=lambda: now[0])
    patience.spend(1.9)
    assert not patience.over
    patience.spend(0.2)
    assert patience.over
    now[0] += 1.0
    assert not patience.over
    patience.lose()
    assert patience.over, "one was not waited for"
    now[0] += 1.0
    assert not patience.over


@pytest.mark.db
def test_what_is_only_taken_is_answered_and_done_in_the_order_in_which_it_came(world: World, sender: object) -> None:
    steps = [message("ADT^A04", pid()), message("ORM^O01", pid(), *order()), message("ORM^O01", pid(), *order("CA"))]
    answers = [Answer(answer).code for answer in take([(raw, PEER) for raw in steps])]
    assert (answers, Order.objects.count()) == (["AA"] * 3, 0)
    assert work_off(never) == 3
    assert Order.objects.get().state == "cancelled"
    assert [message.attempts for message in InboundMessage.objects.all()] == [1, 1, 1], "none had to wait for another"


@pytest.mark.db
def test_one_that_is_done_now_is_done_after_those_of_its_sender_before_it(world: World, sender: object) -> None:
    take([(message("ADT^A04", pid()), PEER), (message("ORM^O01", pid(), *order()), PEER)])
    assert send("ORM^O01", pid(), *order("CA")).orders == ["CR"]
    assert Order.objects.get().state == "cancelled"


@pytest.mark.db
def test_what_is_seen_at_once_to_be_wrong_is_refused_though_there_is_no_time(world: World, sender: object) -> None:
    wrong = [
        b"no message",
        message("ADT^A99", pid()),
        message("ADT^A04", pid(), application="STRANGER"),
        message("ADT^A04", pid()).replace(b"UNICODE UTF-8", b"KLINGON"),
    ]
    assert take([(raw, PEER) for raw in wrong]) == [b""] * 4
    assert [hurried(raw).code for raw in wrong] == ["AR"] * 4
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"refused"}


@pytest.mark.db
def test_the_same_again_gets_the_same_answer_before_and_after_it_was_done(world: World, sender: object) -> None:
    raw = message("ADT^A04", pid(sex="Q"), number="TAKEN")
    said, nothing = take([(raw, PEER), (raw, PEER)])
    assert (Answer(said).code, nothing) == ("AA", b""), "the second is left to the usual way"
    assert take([(raw, PEER)]) == [b""]
    assert receive(raw, hurried=True) == said
    work_off(never)
    assert kept("TAKEN").state == "refused"
    assert [card.count for card in home_cards(world.siteadmin)] == [1], "somebody must see it: the sender does not"
    assert receive(raw) == said
    assert hurried(message("ADT^A04", pid("2"), number="TAKEN")).fault == ("MSH^1^10", "205")
    assert not Patient.objects.exists()


@pytest.mark.db
def test_one_that_was_kept_and_not_answered_is_answered_without_being_done(world: World, sender: object) -> None:
    raw = message("ADT^A04", pid(), number="LEFT")
    first = hurried(raw)
    assert (first.code, kept("LEFT").state) == ("AA", "received")
    assert hurried(raw).raw == first.raw
    work_off(never)
    assert (Patient.objects.count(), kept("LEFT").state) == (1, "done")
