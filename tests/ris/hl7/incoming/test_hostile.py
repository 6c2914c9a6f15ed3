"""One message that nobody foresaw stops no other, whoever sent it and whatever it breaks."""

from __future__ import annotations

import codecs
import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from ris.hl7 import er7
from ris.hl7.er7.message import Message
from ris.hl7.incoming import settling
from ris.hl7.incoming.backlog import work_off
from ris.hl7.incoming.keeping import envelope_of, keep
from ris.hl7.incoming.parking import replay_due
from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.record import InboundMessage
from ris.patients.models import Patient
from tests.ris.hl7.incoming.hospital import Answer, kept, message, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]
ENDLESS = "2." + "1" * 5000


def never() -> bool:
    return False


def held_up() -> bool:
    """Whether senders are still not waited for because of it."""
    return InboundMessage.objects.filter(state="received", attempts__lt=settling.TRIES).exists()


def left(raw: bytes) -> None:
    """Kept by a listener that was killed, long ago."""
    keep(raw, envelope_of(raw), peer="")
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(minutes=5))


@pytest.mark.parametrize("application", ["EPIC", "STRANGER"])
def test_a_version_of_thousands_of_digits_is_answered_and_the_next_message_done(world: World, application: str) -> None:
    said = send("ADT^A04", pid(), version=ENDLESS, application=application)
    assert said.code == "AR"
    assert len(said.raw) < 1000, "what cannot be a version is not sent back"
    assert send("ADT^A04", pid()).code == "AA"
    assert InboundMessage.objects.filter(state="received").count() == 0


@pytest.fixture
def unanswerable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any answer to a message of version 2.4 fails."""
    usual = er7.acknowledge

    def failing(message: Message | None, answer: er7.Answer) -> Message:
        if message is not None and message.version == "2.4":
            raise RuntimeError("Møller")
        return usual(message, answer)

    monkeypatch.setattr(er7, "acknowledge", failing)


@pytest.mark.usefixtures("unanswerable")
@pytest.mark.parametrize("hurried", [False, True])
def test_one_whose_answer_cannot_be_written_is_answered_plainly(
    world: World, caplog: pytest.LogCaptureFixture, hurried: bool
) -> None:
    raw = message("ADT^A04", pid(), version="2.4", number="ODD")
    with caplog.at_level(logging.DEBUG):
        said = Answer(receive(raw, hurried=hurried))
    assert (said.code, said.message.kind, said.message.first("MSA").text(2)) == ("AA", "ACK", "ODD")
    assert receive(raw) == said.raw
    assert "ller" not in caplog.text
    work_off(never)
    assert kept("ODD").state == "done"
    said = send("ADT^A04", pid("2", sex="Q"), version="2.4")
    assert (said.code, said.fault) == ("AE", ("PID^1^8", "103"))


@pytest.fixture
def unsettled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What becomes of a message of version 2.4 cannot be written, however it ends."""
    usual = settling._end

    def failing(row: InboundMessage) -> list[str]:
        if b"|2.4|" in bytes(row.raw):
            raise ValueError("Møller")
        return usual(row)

    monkeypatch.setattr(settling, "_end", failing)


@pytest.mark.usefixtures("unsettled")
@pytest.mark.parametrize("again", [work_off, lambda _stopping: replay_due()])
def test_one_that_cannot_be_ended_is_refused_and_those_behind_it_are_done(
    world: World, caplog: pytest.LogCaptureFixture, again: object
) -> None:
    left(message("ADT^A04", pid("1"), version="2.4", number="BAD"))
    left(message("ADT^A04", pid("2"), version="2.4", application="STRANGER", number="STRANGE"))
    left(message("ADT^A04", pid("3"), number="GOOD"))
    with caplog.at_level(logging.DEBUG):
        again(never)  # type: ignore[operator]
    assert [kept(number).state for number in ("BAD", "STRANGE", "GOOD")] == ["refused", "refused", "done"]
    assert Patient.objects.count() == 1
    assert "ller" not in caplog.text
    assert not held_up()


@pytest.mark.usefixtures("unsettled")
def test_its_sender_is_told_under_its_number_and_the_same_again(world: World) -> None:
    raw = message("ADT^A04", pid(), version="2.4", number="BAD")
    said = Answer(receive(raw))
    assert (said.code, said.message.first("MSA").text(2), said.fault[1]) == ("AE", "BAD", "207")
    assert receive(raw) == said.raw
    assert send("ADT^A04", pid()).code == "AA"


def test_one_that_cannot_even_be_refused_holds_nobody_up_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = settling._write

    def failing(row: InboundMessage, *args: object, **how: object) -> None:
        if row.control_id == "BAD":
            raise ValueError
        usual(row, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(settling, "_write", failing)
    left(message("ADT^A04", pid("1"), number="BAD"))
    left(message("ADT^A04", pid("2"), number="GOOD"))
    assert work_off(never) <= 2 * settling.TRIES
    assert (kept("BAD").state, kept("BAD").attempts) == ("received", settling.TRIES)
    assert kept("GOOD").state == "done"
    assert not held_up()


def test_a_message_with_the_mark_of_a_file_before_it_is_taken(world: World) -> None:
    assert Answer(receive(codecs.BOM_UTF8 + message("ADT^A04", pid()))).code == "AA"
    assert Patient.objects.get().family_name == "Møller"
