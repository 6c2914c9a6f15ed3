"""A message is kept before it is acted on, done once, and answered the same however often it comes."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.events.models import Event
from ris.hl7.incoming import settling
from ris.hl7.incoming.handling import Again, do
from ris.hl7.incoming.keeping import envelope_of, keep
from ris.hl7.incoming.parking import replay_due
from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.record import InboundMessage, Sender
from ris.orders.models import Order
from ris.patients.models import Patient
from tests.ris.hl7.incoming.hospital import Answer, a_sender, kept, message, order, pid, send
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("sender")]


def test_the_same_bytes_again_get_the_same_answer_and_do_nothing(world: World) -> None:
    send("ADT^A04", pid())
    raw = message("ORM^O01", pid(), *order())
    first = receive(raw)
    assert [receive(raw), receive(raw)] == [first, first]
    assert Order.objects.count() == 1


def test_a_refusal_is_repeated_too(world: World) -> None:
    raw = message("ADT^A04", pid(sex="Q"))
    first = receive(raw)
    assert receive(raw) == first
    assert Answer(first).code == "AE"


def test_other_bytes_under_the_same_number_are_refused_and_noticed(world: World) -> None:
    send("ADT^A04", pid(), number="SAME")
    said = send("ADT^A04", pid("P200", "Other^One"), number="SAME")
    assert (said.code, said.fault) == ("AE", ("MSH^1^10", "205"))
    assert Patient.objects.count() == 1
    assert AuditEvent.objects.filter(action="security.hl7-number-reused", outcome="refused").exists()


def test_two_senders_may_use_the_same_numbers(world: World) -> None:
    a_sender(world.north, name="Lab", application="LAB")
    assert send("ADT^A04", pid(), number="1").code == "AA"
    assert send("ADT^A04", pid("P200", "Other^One"), number="1", application="LAB").code == "AA"
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    ("raw", "location", "code"),
    [
        (b"", "MSH^1", "100"),
        (b"hello", "MSH^1", "100"),
        (b"PID|1||5\r", "MSH^1", "100"),
        (message("ADT^A04", pid()).replace(b"UNICODE UTF-8", b"KLINGON"), "MSH^1^18", "103"),
        (message("ADT^A04", pid()).replace(b"UNICODE UTF-8", b"ASCII"), "MSH^1^18", "102"),
        (message("ADT^A04", "p|1"), "MSH^2", "100"),
        (message("ADT^A04", pid(), processing="T"), "MSH^1^11", "202"),
        (message("ADT^A04", pid(), version="3"), "MSH^1^12", "203"),
        (message("ADT^A04", pid(), version="2.٣"), "MSH^1^12", "203"),
        (message("ADT^A99", pid()), "MSH^1^9", "201"),
        (message("MDM^T02", pid()), "MSH^1^9", "200"),
        (message("ADT^A04", pid(), application="STRANGER"), "MSH^1^3", "204"),
    ],
)
def test_what_cannot_be_taken_is_rejected_and_kept(raw: bytes, location: str, code: str) -> None:
    said = Answer(receive(raw))
    assert (said.code, said.fault) == ("AR", (location, code))
    assert InboundMessage.objects.get().state == "refused"
    assert bytes(InboundMessage.objects.get().raw) == raw


def test_a_message_without_a_number_is_rejected(world: World) -> None:
    raw = message("ADT^A04", pid(), number="NUMBER").replace(b"NUMBER", b"")
    said = Answer(receive(raw))
    assert (said.code, said.fault) == ("AR", ("MSH^1^10", "101"))
    assert not Patient.objects.exists()


def test_a_sender_may_be_bound_to_its_addresses(world: World) -> None:
    Sender.objects.update(addresses="10.0.0.1, 10.0.0.2")
    assert Answer(receive(message("ADT^A04", pid()), peer="10.9.9.9")).code == "AR"
    assert Answer(receive(message("ADT^A04", pid()), peer="10.0.0.2")).code == "AA"


def test_a_message_that_was_kept_and_not_done_is_done_when_it_comes_again(world: World) -> None:
    raw = message("ADT^A04", pid())
    keep(raw, envelope_of(raw), peer="")
    assert Answer(receive(raw)).code == "AA"
    assert Patient.objects.count() == 1


def test_a_message_that_was_kept_and_not_done_is_done_by_the_timer(world: World) -> None:
    raw = message("ADT^A04", pid(), number="LEFT")
    keep(raw, envelope_of(raw), peer="")
    assert replay_due() == 0, "whoever keeps it may be doing it now"
    InboundMessage.objects.update(received_at=timezone.now() - timedelta(minutes=5))
    assert replay_due() == 1
    assert kept("LEFT").state == "done"
    assert Answer(receive(raw)).code == "AA"
    assert Patient.objects.count() == 1


def test_a_parked_message_is_done_when_a_person_brought_what_it_waits_for(world: World) -> None:
    known = world.patient()
    number = "later"
    send("ORM^O01", pid(number), *order(), number="EARLY")
    replay_due()
    assert kept("EARLY").state == "parked"
    known.identifiers.update(value=number)
    replay_due()
    assert kept("EARLY").state == "done"
    assert Order.objects.get().patient == known


def test_a_fault_that_nobody_foresaw_leaves_nothing_half_done_and_no_name_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def half(*args: object, **how: object) -> object:
        do(*args, **how)  # type: ignore[arg-type]
        raise RuntimeError("Møller")

    monkeypatch.setattr(settling, "do", half)
    with caplog.at_level(logging.DEBUG):
        said = send("ADT^A04", pid(), number="BAD")
    assert (said.code, said.fault[1]) == ("AE", "207")
    assert not Patient.objects.exists()
    assert "ller" not in caplog.text
    assert kept("BAD").state == "refused"


def test_who_wrote_the_same_at_the_same_moment_is_tried_again_and_not_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def beaten(*args: object, **how: object) -> object:
        do(*args, **how)  # type: ignore[arg-type]
        raise IntegrityError("somebody was first")

    with monkeypatch.context() as patch:
        patch.setattr(settling, "do", beaten)
        assert send("ADT^A04", pid(), number="SECOND").code == "AA"
        assert (kept("SECOND").state, kept("SECOND").attempts, Patient.objects.count()) == ("received", 1, 0)
        InboundMessage.objects.update(attempts=settling.TRIES - 1, received_at=timezone.now() - timedelta(minutes=1))
        replay_due()
        assert (kept("SECOND").state, kept("SECOND").answer_code) == ("refused", "AA")
    send("ADT^A04", pid(), number="THIRD")
    assert (kept("THIRD").state, Patient.objects.count()) == ("done", 1)


BUSY = [Again("somebody was in the way"), IntegrityError("somebody was first")]


@pytest.mark.parametrize("fault", BUSY)
def test_one_that_somebody_was_in_the_way_of_is_done_before_what_its_sender_sends_next(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    send("ADT^A04", pid())
    send("ORM^O01", pid(), *order(why="First"))

    def hindered(*_args: object) -> object:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(settling, "do", hindered)
        assert send("ORM^O01", pid(), *order("XO", why="Second"), number="SECOND").code == "AA"
        assert send("ORM^O01", pid(), *order("XO", why="Third"), number="THIRD").code == "AA"
        assert (kept("SECOND").state, kept("THIRD").attempts) == ("received", 0), "what comes next waits behind it"
    assert send("ORM^O01", pid(), *order("XO", why="Fourth")).orders == ["XR"]
    assert (kept("SECOND").state, kept("THIRD").state, Order.objects.get().reason) == ("done", "done", "Fourth")


def test_what_is_hindered_again_and_again_lets_others_pass_and_is_done_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hindered(*args: object) -> object:
        if getattr(args[0], "control_id", "") == "SLOW":
            raise Again("somebody is in the way")
        return do(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(settling, "do", hindered)
        send("ADT^A04", pid("1"), number="SLOW")
        assert [send("ADT^A04", pid("2"), number=f"N{place}").code for place in range(settling.TRIES)] == ["AA"] * 5
        assert (kept("SLOW").state, kept("N4").state) == ("parked", "done")
    InboundMessage.objects.filter(control_id="SLOW").update(next_at=timezone.now())
    replay_due()
    assert kept("SLOW").state == "done"


@pytest.mark.parametrize(
    ("accept", "application", "codes"),
    [("", "", ("AA", "AE")), ("AL", "NE", ("CA", "CE")), ("NE", "AL", ("AA", "AE")), ("AL", "AL", ("AA", "AE"))],
)
def test_who_wants_to_know_only_that_it_was_taken_is_told_that(
    world: World, accept: str, application: str, codes: tuple[str, str]
) -> None:
    """Enhanced mode, §2.9.3: without an application acknowledgement there is neither ORR nor AA."""
    for place, sex in enumerate(["F", "Q"]):
        raw = message("ADT^A04", pid(str(place), sex=sex))
        raw = raw.replace(b"|2.5.1|||||", f"|2.5.1|||{accept}|{application}|".encode())
        said = Answer(receive(raw))
        assert said.code == codes[place]
        assert Answer(receive(raw)).raw == said.raw
    raw = message("ORM^O01", pid("0"), *order()).replace(b"|2.5.1|||||", f"|2.5.1|||{accept}|{application}|".encode())
    said = Answer(receive(raw))
    assert (said.code, bool(said.orders)) == (codes[0], codes[0] == "AA")


def test_a_study_that_is_announced_is_asked_for_at_the_archive(world: World) -> None:
    said = send("ORU^R01", "OBR|1", "OBX|1|ST|113014^DICOM Study^DCM||1.2.840.1", "OBX|2|ST|^Study Instance UID||1.2.9")
    assert said.code == "AA"
    told = Event.objects.filter(kind="study.noticed").order_by("pk")
    assert [event.payload["study_uid"] for event in told] == ["1.2.840.1", "1.2.9"]


def test_a_report_of_somebody_else_is_not_taken_for_a_study(world: World) -> None:
    assert send("ORU^R01", "OBR|1", "OBX|1|TX|1234||All well").fault == ("OBX^1^5", "101")


@pytest.mark.parametrize("version", ["", "2.3", "2.3.1", "2.5.1", "2.8", "2.5.1^DEU"])
def test_other_versions_of_hl7_v2_are_read_by_the_same_map(world: World, version: str) -> None:
    assert send("ADT^A04", pid(), version=version).code == "AA"
    assert Patient.objects.get().family_name == "Møller"


def test_a_version_before_those_is_told_so_in_its_own_err(world: World) -> None:
    said = send("ADT^A04", pid(), version="2.2")
    err = said.message.first("ERR")
    assert (said.code, err.text(1), err.text(1, 3), err.text(1, 4)) == ("AR", "MSH", "12", "203")
    assert not Patient.objects.exists()


@pytest.mark.parametrize(("charset", "codec"), [("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("", "utf-8")])
def test_a_sender_is_known_by_its_name_in_any_character_set(world: World, charset: str, codec: str) -> None:
    a_sender(world.north, name="X-ray", application="RÖNTGEN", charset="UNICODE UTF-8")
    raw = message("ADT^A04", pid(), application="RÖNTGEN", charset=charset, number="R1").decode().encode(codec)
    said = Answer(receive(raw))
    assert (said.code, said.message.header.text(5)) == ("AA", "RÖNTGEN")
    assert receive(raw) == said.raw
    assert kept("R1").sender_key == "RÖNTGEN|WARD"


def test_a_number_behind_a_name_that_looks_like_a_delimiter_is_read_as_it_stands(world: World) -> None:
    a_sender(world.north, name="Hospital", application="ポ病院", charset="ISO IR14")
    raw = message("ADT^A04", pid(name="山田^太郎"), application="ポ病院", charset="ISO IR14", number="J1")
    assert Answer(receive(raw.decode().encode("shift_jis"))).code == "AA"
    assert (kept("J1").state, Patient.objects.get().family_name) == ("done", "山田")
