"""Whatever a peer sends, the listener answers it or lets it go, and serves the next one."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ris.dicom import tls
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.mllp.framing import wrap
from ris.hl7.mllp.limits import Limits
from ris.patients.models import Patient
from tests.ris.hl7.incoming.hospital import Answer, a_sender, kept, message, pid
from tests.ris.hl7.wire import line, listening
from tests.services.certificates import Authority
from tests.services.server import free_port
from tests.world import World


@pytest.fixture
def port(live_world: World) -> Iterator[int]:
    a_sender(live_world.north)
    with listening() as found:
        yield found


@pytest.mark.db
def test_messages_of_one_connection_are_answered_in_turn(port: int) -> None:
    with line(port) as sender:
        sender.put(wrap(message("ADT^A04", pid("1"), number="M1")) + wrap(message("ADT^A04", pid("2"), number="M2")))
        assert [Answer(sender.get()).message.first("MSA").text(2) for _ in range(2)] == ["M1", "M2"]
    assert Patient.objects.count() == 2


@pytest.mark.db
def test_who_wants_no_answer_gets_none_and_the_next_message_of_the_line_its_own(port: int) -> None:
    silent = message("ADT^A04", pid("1"), number="QUIET").replace(b"|P|2.5.1|||||", b"|P|2.5.1|||NE|NE|")
    with line(port) as sender:
        sender.put(wrap(silent) + wrap(message("ADT^A04", pid("2"), number="LOUD")))
        assert Answer(sender.get()).message.first("MSA").text(2) == "LOUD"
    assert kept("QUIET").state == "done"
    assert Answer(bytes(kept("QUIET").answer)).code == "AA", "kept, and not sent"


def test_a_message_may_come_byte_by_byte(port: int) -> None:
    with line(port) as sender:
        for byte in wrap(message("ADT^A04", pid(), number="SLOW")):
            sender.put(bytes([byte]))
        assert Answer(sender.get()).code == "AA"


def test_five_megabytes_in_one_field_are_taken(port: int) -> None:
    large = message("ADT^A04", pid(), "OBX|1|ED|PDF||^application^pdf^Base64^" + "QUJD" * (5 * 2**18), number="LARGE")
    with line(port) as sender:
        assert Answer(sender.ask(large)).code == "AA"
    assert bytes(kept("LARGE").raw) == large


def test_wrong_framing_is_answered_and_the_next_block_is_taken(port: int) -> None:
    with line(port) as sender:
        sender.put(message("ADT^A04", pid()))
        assert Answer(sender.get()).code == "AR"
        sender.put(b"\x0b" + message("ADT^A04", pid("cut off"))[:40])
        assert Answer(sender.ask(message("ADT^A04", pid("1")))).code == "AR"
        assert Answer(sender.get()).code == "AA"
    assert InboundMessage.objects.count() == 1


def test_what_never_ends_is_cut_off_and_disturbs_nobody(live_world: World) -> None:
    a_sender(live_world.north)
    limits = Limits(message_bytes=100_000, unfinished=2.0)
    with listening(limits) as port, line(port) as good, line(port) as endless, line(port) as silent:
        silent.put(b"\x0bMSH|^~")
        endless.put(b"\x0b" + b"x" * 150_000)
        assert Answer(endless.get()).code == "AR"
        assert endless.get() == b""
        assert Answer(good.ask(message("ADT^A04", pid()))).code == "AA"
        assert silent.get() == b"", "half a message is not waited for"


def test_who_is_one_too_many_is_turned_away_and_the_others_are_served(live_world: World) -> None:
    a_sender(live_world.north)
    with listening(Limits(connections=1)) as port, line(port) as first:
        assert Answer(first.ask(message("ADT^A04", pid("1")))).code == "AA"
        with line(port) as second:
            assert second.get() == b""
        assert Answer(first.ask(message("ADT^A04", pid("2")))).code == "AA"


def test_noise_of_every_kind_kills_nothing(port: int) -> None:
    """Random bytes, mutilated messages, connections that end anywhere."""
    chance = random.Random(7)  # noqa: S311
    whole = wrap(message("ADT^A04", pid("9"), number="MUTILATED"))
    for _ in range(60):
        mutilated = bytearray(whole)
        for _each in range(chance.randrange(1, 6)):
            mutilated[chance.randrange(len(mutilated))] = chance.randrange(256)
        with line(port) as bad:
            bad.put(bytes(mutilated[: chance.randrange(1, len(mutilated) + 1)]))
            if chance.random() < 0.5:
                bad.put(chance.randbytes(chance.randrange(1, 400)))
    with line(port) as good:
        assert Answer(good.ask(message("ADT^A04", pid("1"), number="AFTER"))).code == "AA"


def test_the_same_over_tls_and_nothing_without_it(live_world: World, tmp_path: Path) -> None:
    a_sender(live_world.north)
    authority = Authority(tmp_path)
    ours = authority.issue("ours")
    server = tls.server_context(tls.Files(str(ours.certificate), str(ours.key)))
    client = ssl.create_default_context(cafile=str(authority.certificate))
    client.check_hostname = False
    with listening(secured=server) as port:
        with line(port, client) as sender:
            assert Answer(sender.ask(message("ADT^A04", pid()))).code == "AA"
        with line(port) as plain:
            plain.put(wrap(message("ADT^A04", pid("2"))))
            assert b"MSA" not in plain.get()


def test_a_file_is_sent_by_hand_and_its_answer_shown(port: int, tmp_path: Path) -> None:
    said, file = StringIO(), tmp_path / "one.hl7"
    file.write_bytes(message("ADT^A04", pid(), number="BY-HAND").replace(b"\r", b"\n"))
    call_command("send_hl7", str(file), "--port", str(port), stdout=said)
    assert "MSA|AA|BY-HAND" in said.getvalue()
    with pytest.raises(CommandError, match="could not be sent"):
        call_command("send_hl7", str(file), "--port", str(free_port()))


def test_an_idle_connection_is_closed(live_world: World) -> None:
    with listening(Limits(idle=0.2)) as port, line(port) as idle:
        began = time.monotonic()
        assert idle.get() == b""
        assert time.monotonic() - began < 30
