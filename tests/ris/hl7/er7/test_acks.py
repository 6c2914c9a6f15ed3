"""An answer says to whom, to what, whether, and what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from ris.hl7 import er7
from ris.hl7.er7.acks import code_of

AT = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
CAME = "MSH|^~\\&|EPIC^1.2^ISO|WARD|RIS|RAD|20261121||ORM^O01^ORM_O01|7&7|P|{}\r"


def answer(version: str, *, code: str = "AA", faults: Sequence[er7.Fault] = ()) -> list[str]:
    came = er7.read_text(CAME.format(version))
    said = er7.Answer(code=code, control_id="R1", at=AT, faults=faults)
    return er7.write(er7.acknowledge(came, said)).split("\r")


def test_an_acceptance_goes_back_to_the_sender_with_its_control_id() -> None:
    header, msa, *rest = answer("2.5.1")
    assert (
        header == "MSH|^~\\&|RIS|RAD|EPIC^1.2^ISO|WARD|20261121203000+0000||ACK^O01^ACK|R1|P|2.5.1||||||UNICODE UTF-8"
    )
    assert msa == "MSA|AA|7"
    assert rest == [""]


def test_a_refusal_says_where_and_why() -> None:
    fault = er7.Fault(code="101", location="PID^1^3", words="PID-3 is empty: who is it?")
    _header, msa, err, _end = answer("2.5.1", code="AE", faults=[fault])
    assert msa == "MSA|AE|7|PID-3 is empty: who is it?"
    assert err == "ERR||PID^1^3|101^Required field missing^HL70357|E||||PID-3 is empty: who is it?"


def test_an_older_sender_gets_the_older_err() -> None:
    fault = er7.Fault(code="101", location="PID^1^3", words="no")
    assert answer("2.3.1", code="AE", faults=[fault])[2] == "ERR|PID^1^3^101&Required field missing&HL70357"


def answers_to(accept: str, application: str) -> list[str]:
    """MSA-1 of what is sent for each outcome to a message with these in MSH-15 and MSH-16; empty for nothing."""
    came = er7.read_text(f"MSH|^~\\&|EPIC|WARD|RIS|RAD|20261121||ADT^A08|7|P|2.5.1|||{accept}|{application}\r")
    return [code_of(came.header, code) for code in ("AA", "AE", "AR")]


@pytest.mark.parametrize(
    ("accept", "application", "sent"),
    [
        ("", "", ["AA", "AE", "AR"]),
        ("AL", "", ["AA", "AE", "AR"]),
        ("", "NE", ["AA", "AE", "AR"]),
        ("AL", "AL", ["AA", "AE", "AR"]),
        ("NE", "AL", ["AA", "AE", "AR"]),
        ("AL", "NE", ["CA", "CE", "CR"]),
        ("ER", "NE", ["", "CE", "CR"]),
        ("SU", "NE", ["CA", "", ""]),
        ("NE", "NE", ["", "", ""]),
        ("AL", "ER", ["CA", "AE", "AR"]),
        ("AL", "SU", ["AA", "CE", "CR"]),
        ("NE", "ER", ["", "AE", "AR"]),
        ("NE", "SU", ["AA", "", ""]),
    ],
)
def test_what_is_answered_is_what_the_sender_wants_to_know(accept: str, application: str, sent: list[str]) -> None:
    assert answers_to(accept, application) == sent


def test_an_accept_acknowledgement_is_a_plain_one() -> None:
    came = er7.read_text("MSH|^~\\&|EPIC|WARD|RIS|RAD|20261121||ORM^O01|7|P|2.5.1|||AL|NE\r")
    orc = er7.segment("ORC", {1: "OK"})
    said = er7.Answer(code="AA", control_id="R1", at=AT, kind=("ORR", "O02", "ORR_O02"), also=[orc])
    answered = er7.acknowledge(came, said)
    assert (answered.kind, answered.first("MSA").text(1), answered.has("ORC")) == ("ACK^O01", "CA", False)


def test_bytes_that_were_no_message_are_answered_too() -> None:
    said = er7.Answer(code="AR", control_id="R1", at=AT, faults=[er7.Fault(words="no MSH")])
    assert er7.acknowledge(None, said).first("MSA").text(1) == "AR"
