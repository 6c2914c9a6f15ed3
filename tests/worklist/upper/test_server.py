"""The association server over real sockets: dcmtk and pynetdicom as clients, and a raw one for what they cannot say."""

from __future__ import annotations

import socket
import subprocess
import time

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.sop_class import ModalityPerformedProcedureStep, ModalityWorklistInformationFind, Verification

from tests.worklist.upper.lean import (
    ABORT,
    AC,
    DATA,
    PERFORMED_CLASS,
    RELEASE,
    RELEASE_RP,
    RJ,
    WORKLIST_CLASS,
    Asking,
    Lean,
    cancel,
    command,
    create,
    data,
    echo,
    find,
    pdu,
    update,
    value,
)
from tests.worklist.upper.stub import ROW, Stub, serving, until
from worklist.upper.contract import Found, Outcome, Status
from worklist.upper.limits import Limits
from worklist.upper.server import Server

FINDSCU, ECHOSCU = "/usr/bin/findscu", "/usr/bin/echoscu"  # dcmtk's: pynetdicom puts namesakes into the environment


def dcmtk(program: str, server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    port = str(server.server_address[1])
    whole = [program, "-v", "-aet", "CT1", "-aec", "ISOCENTER", *arguments, "127.0.0.1", port]
    return subprocess.run(whole, capture_output=True, text=True, timeout=20, check=False)


# -- clients of others -----------------------------------------------------------------------------------------------


def test_dcmtk_is_echoed(server: Server) -> None:
    run = dcmtk(ECHOSCU, server)
    assert run.returncode == 0, run.stderr
    assert "Received Echo Response (Success)" in run.stderr


@pytest.mark.parametrize("arguments", [(), ("-xe",), ("-xi",), ("-pdu", "4096")])
def test_dcmtk_gets_every_match_whatever_it_proposes(server: Server, stub: Stub, arguments: tuple[str, ...]) -> None:
    stub.found = Found(rows=[ROW] * 40)
    run = dcmtk(FINDSCU, server, *arguments, "-W", "-k", "PatientName=")
    assert run.returncode == 0, run.stderr
    assert run.stderr.count("(Pending)") == 40
    assert "Received Final Find Response (Success)" in run.stderr
    assert (stub.queries[0].sop_class, stub.peers[0].ae_title) == (WORKLIST_CLASS, "CT1")


def test_dcmtk_s_cancel_after_the_first_match_is_no_error(server: Server, stub: Stub) -> None:
    stub.found = Found(rows=[ROW] * 400)
    run = dcmtk(FINDSCU, server, "--cancel", "1", "-W", "-k", "PatientName=")
    assert run.returncode == 0, run.stderr
    assert "Final Find Response" in run.stderr


def test_pynetdicom_queries_creates_and_sets_on_one_association(server: Server, stub: Stub) -> None:
    entity = AE(ae_title="CT1")
    for sop_class in (Verification, ModalityWorklistInformationFind, ModalityPerformedProcedureStep):
        entity.add_requested_context(sop_class)
    asked = Dataset()
    asked.PatientName = "N*"
    association = entity.associate("127.0.0.1", server.server_address[1], ae_title="ISOCENTER")
    assert association.is_established
    (first, found), (last, nothing) = association.send_c_find(asked, ModalityWorklistInformationFind)
    created, _ = association.send_n_create(asked, ModalityPerformedProcedureStep, "1.2.3")
    changed, _ = association.send_n_set(asked, ModalityPerformedProcedureStep, "1.2.3")
    echoed = association.send_c_echo()
    association.release()
    assert found is not None
    assert (first.Status, str(found.PatientName), last.Status, nothing) == (0xFF00, "Nobody^A", 0x0000, None)
    assert {created.Status, changed.Status, echoed.Status} == {0x0000}
    assert association.is_released
    assert [operation.sop_instance for operation in stub.operations] == ["1.2.3", "1.2.3"]
    assert stub.operations[0].dataset == stub.operations[1].dataset == bytes.fromhex("1000100002000000") + b"N*"


# -- who may associate -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asking", "answer"),
    [
        (Asking(calling="STRANGER"), (1, 1, 3)),
        (Asking(called="SOMEBODY"), (1, 1, 7)),
        (Asking(called="isocenter"), (1, 1, 7)),
        (Asking(version=2), (1, 2, 2)),
        (Asking(application="1.2.3"), (1, 1, 2)),
        (Asking(contexts=()), (1, 1, 1)),
    ],
)
def test_a_rejection_has_the_reason_of_table_9_21(
    lean: Lean, stub: Stub, asking: Asking, answer: tuple[int, int, int]
) -> None:
    assert lean.associate(asking) == (RJ, bytes([0, *answer]))
    if asking.version == 1:
        until(lambda: len(stub.refusals) == 1)


def test_padding_of_titles_does_not_count(lean: Lean, stub: Stub) -> None:
    assert lean.associate(Asking(calling=" CT1", called=" ISOCENTER"))[0] == AC
    assert stub.peers[0].ae_title == "CT1"


def test_who_cannot_be_checked_is_asked_to_come_again(lean: Lean, stub: Stub) -> None:
    stub.failing = True
    assert lean.associate() == (RJ, bytes([0, 2, 3, 1]))


def test_one_association_too_many_is_told_so_and_the_next_place_is_free_at_once(stub: Stub) -> None:
    with serving(stub, Limits(associations=2)) as server:
        port = server.server_address[1]
        with Lean(port) as first, Lean(port) as second, Lean(port) as third:
            assert (first.associate()[0], second.associate()[0]) == (AC, AC)
            assert third.associate() == (RJ, bytes([0, 2, 3, 2]))
            assert first.release()
            with Lean(port) as fourth:
                assert fourth.associate()[0] == AC


def test_beyond_the_connections_that_may_be_the_oldest_silent_one_makes_room(stub: Stub) -> None:
    with serving(stub, Limits(connections=3)) as server:
        port = server.server_address[1]
        with Lean(port) as working, Lean(port) as silent, Lean(port) as other:
            assert working.associate()[0] == AC
            with Lean(port) as late:
                assert late.associate()[0] == AC
                assert silent.pdu() == (0, b"")
                assert other.associate()[0] == AC
            working.send(echo())
            assert working.status() == 0


# -- answers ---------------------------------------------------------------------------------------------------------


def test_messages_arrive_whole_however_they_are_cut_and_joined(lean: Lean, stub: Stub) -> None:
    assert lean.associate()[0] == AC
    asked = command(0x0020, 5, WORKLIST_CLASS, dataset=True)
    identifier = b"\x10\x00\x10\x00\x02\x00\x00\x00N*"
    one = pdu(DATA, value(3, 1, asked[:20]) + value(3, 3, asked[20:]) + value(3, 0, identifier[:3]))
    stream = one + data(3, 2, identifier[3:]) + echo(6)
    for at in range(0, len(stream), 7):
        lean.send(stream[at : at + 7])
    assert lean.statuses() == [0xFF00, 0x0000]
    assert lean.status() == 0
    assert stub.queries[0].identifier == identifier


def test_no_pdu_is_longer_than_the_peer_takes(lean: Lean, stub: Stub) -> None:
    stub.found = Found(rows=[ROW * 100])
    assert lean.associate(Asking(longest=128))[0] == AC
    lean.send(find(b""))
    whole, longest = b"", 0
    last = False
    while not last:
        kind, body = lean.pdu()
        assert kind == DATA
        longest = max(longest, len(body))
        whole += body[6:] if not body[5] & 1 else b""
        last = body[5] & 3 == 2
    assert whole == ROW * 100
    assert longest == 128


def test_an_answer_at_hand_needs_no_thread(lean: Lean, stub: Stub) -> None:
    stub.at_hand = stub.known = True
    lean.associate()
    lean.send(find(b""))
    assert lean.statuses() == [0xFF00, 0x0000]
    assert (stub.peers, stub.cancelled) == ([], [])


def test_the_final_status_says_what_the_handler_says(lean: Lean, stub: Stub) -> None:
    stub.found = Found(Status(0xA900, "not a DA", (0x00100030,)))
    lean.associate()
    lean.send(find(b""))
    kind, body = lean.pdu()
    assert kind == DATA
    assert b"not a DA" in body
    assert bytes.fromhex("000001090400000010003000") in body


def test_a_dataset_of_an_outcome_is_sent_with_it(lean: Lean, stub: Stub) -> None:
    stub.outcome = Outcome(dataset=ROW, sop_instance="1.2.9")
    lean.associate()
    lean.send(create("", ROW))
    kind, body = lean.pdu()
    assert kind == DATA
    assert b"1.2.9\0" in body
    assert lean.pdu() == (DATA, value(5, 2, ROW))


def test_a_handler_that_fails_is_one_failed_answer_without_a_name_in_the_log(
    lean: Lean, stub: Stub, caplog: pytest.LogCaptureFixture
) -> None:
    lean.associate()
    stub.failing = True
    lean.send(find(b"") + update("1.2.3", ROW, 2))
    assert lean.statuses() == [0xC001]
    assert lean.status() == 0x0110
    stub.failing = False
    lean.send(find(b"", 3))
    assert lean.statuses() == [0xFF00, 0x0000]
    assert "RuntimeError" in caplog.text
    assert "Nobody" not in caplog.text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (data(3, 3, command(0x0001, 1, "1.2.840.10008.5.1.4.1.1.2", dataset=True)) + data(3, 2, b"x"), 0x0211),
        (data(5, 3, command(0x0110, 1, PERFORMED_CLASS, instance="1.2.3")), 0x0211),
        (data(5, 3, command(0x0150, 1, PERFORMED_CLASS)), 0x0211),
        (data(1, 3, command(0x0020, 1, WORKLIST_CLASS, dataset=True)) + data(1, 2, b""), 0x0211),
        (data(3, 3, command(0x0020, 1, "1.2.840.10008.5.1.4.1.2.2.1", dataset=True)) + data(3, 2, b""), 0x0122),
        (data(5, 3, command(0x0140, 1, "1.2.3", dataset=True)) + data(5, 2, b""), 0x0118),
    ],
    ids=["C-STORE", "N-GET", "N-DELETE", "C-FIND on verification", "another model", "another class"],
)
def test_what_is_not_offered_is_refused_and_the_association_lives(lean: Lean, sent: bytes, status: int) -> None:
    lean.associate()
    lean.send(sent)
    assert lean.status() == status
    lean.send(echo(2))
    assert lean.status() == 0


# -- cancel, release, abort ------------------------------------------------------------------------------------------


def test_a_cancel_while_the_answer_is_sought_reaches_the_handler_and_ends_it(lean: Lean, stub: Stub) -> None:
    stub.gate.clear()
    stub.known = True
    stub.found = Found(rows=[ROW] * 500)
    lean.associate()
    lean.send(find(b"", 7))
    until(lambda: len(stub.queries) == 1)
    lean.send(cancel(7) + echo(8))
    time.sleep(0.05)
    stub.gate.set()
    assert lean.statuses() == [0xFE00]
    assert lean.status() == 0
    assert stub.cancelled == [True]


def test_a_cancel_between_two_answers_ends_them(lean: Lean, stub: Stub) -> None:
    """The peer does not read: what it has not taken is not sent, and the cancel comes in time."""
    stub.found = Found(rows=[ROW * 4_000] * 500)
    lean.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    lean.associate()
    lean.send(find(b"", 7))
    until(lambda: len(stub.cancelled) == 1)
    time.sleep(0.2)
    lean.send(cancel(7))
    time.sleep(0.1)
    pending = 0
    while (kind := lean.pdu())[0] == DATA:
        if kind[1][5] & 1:
            status = kind[1]
            if b"\x00\xff" not in status[-40:]:
                break
            pending += 1
    assert b"\x00\xfe" in status[-40:]
    assert 0 < pending < 500


def test_a_cancel_of_another_message_or_a_late_one_changes_nothing(lean: Lean, stub: Stub) -> None:
    stub.gate.clear()
    stub.known = True
    lean.associate()
    lean.send(find(b"", 7) + cancel(6))
    until(lambda: len(stub.queries) == 1)
    stub.gate.set()
    assert lean.statuses() == [0xFF00, 0x0000]
    lean.send(cancel(7) + find(b"", 9))
    assert lean.statuses() == [0xFF00, 0x0000]


def test_a_release_while_an_answer_is_sought_is_agreed_to_at_once(lean: Lean, stub: Stub) -> None:
    stub.gate.clear()
    stub.known = True
    lean.associate()
    lean.send(find(b""))
    until(lambda: len(stub.queries) == 1)
    lean.send(RELEASE)
    assert lean.pdu()[0] == RELEASE_RP
    stub.gate.set()
    until(lambda: stub.cancelled == [True])


def test_requests_of_a_peer_that_does_not_wait_are_answered_in_order_and_too_many_end_it(
    lean: Lean, stub: Stub
) -> None:
    stub.gate.clear()
    stub.known = True
    lean.associate()
    lean.send(find(b"", 1) + echo(2) + find(b"", 3))
    stub.gate.set()
    assert lean.statuses() == [0xFF00, 0x0000]
    assert lean.status() == 0
    assert lean.statuses() == [0xFF00, 0x0000]
    stub.gate.clear()
    lean.send(b"".join(find(b"", number) for number in range(4, 20)))
    assert lean.pdu() == (ABORT, bytes(4))


def test_the_connection_is_closed_when_the_peer_closes_after_its_release(server: Server, lean: Lean) -> None:
    lean.associate()
    assert server.associations == 1
    assert lean.release()
    assert server.associations == 0
    lean.socket.shutdown(socket.SHUT_WR)
    assert lean.pdu() == (0, b"")
