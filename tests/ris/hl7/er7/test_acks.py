"""An answer says to whom, to what, whether, and what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from ris.hl7 import er7

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


def answer_to(accept: str, application: str, *, code: str = "AA") -> str:
    """MSA-1 for a message with these in MSH-15 and MSH-16."""
    header = f"MSH|^~\\&|EPIC|WARD|RIS|RAD|20261121||ADT^A08|7|P|2.5.1|||{accept}|{application}\r"
    said = er7.Answer(code=code, control_id="R1", at=AT)
    return er7.acknowledge(er7.read_text(header), said).first("MSA").text(1)


def test_who_wants_to_know_only_that_it_was_taken_is_told_that_and_everybody_else_what_became_of_it() -> None:
    assert [answer_to("AL", "NE", code=code) for code in ("AA", "AE", "AR")] == ["CA", "CE", "CR"]
    assert [answer_to(accept, "NE") for accept in ("ER", "SU")] == ["CA", "CA"]
    asked = [("AL", "AL"), ("", "AL"), ("NE", "AL"), ("AL", ""), ("NE", "NE"), ("", "")]
    assert {answer_to(*pair) for pair in asked} == {"AA"}


def test_bytes_that_were_no_message_are_answered_too() -> None:
    said = er7.Answer(code="AR", control_id="R1", at=AT, faults=[er7.Fault(words="no MSH")])
    assert er7.acknowledge(None, said).first("MSA").text(1) == "AR"
