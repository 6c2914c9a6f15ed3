"""Fields by number, what a message says and what it does not, and what is no message."""

from __future__ import annotations

import pytest

from ris.hl7 import er7

HEADER = "MSH|^~\\&|EPIC|WARD|RIS|RAD|20261121||ADT^A08^ADT_A01|7|P|2.5.1"


def test_a_field_is_found_by_its_number_component_and_subcomponent() -> None:
    one = er7.read_text(f"{HEADER}\rPID|||1^^^A&1.2.3&ISO^MR~2^^^B||Smith^Lucy")
    pid = one.first("PID")
    assert (one.kind, one.control_id, one.version) == ("ADT^A08", "7", "2.5.1")
    assert pid.text(3, 4, 2) == "1.2.3"
    assert pid.text(3, repetition=2) == "2"
    assert pid.text(5, 2) == "Lucy"
    assert pid.text(30, 2) == ""


def test_empty_says_nothing_and_two_quotes_say_delete() -> None:
    pid = er7.read_text(f'{HEADER}\rPID||||""|Smith^""^|""').first("PID")
    assert pid.given(3) is None
    assert pid.given(4) == ""
    assert pid.given(5) == "Smith"
    assert pid.given(5, 2) == ""
    assert pid.given(5, 3) is None
    assert pid.given(6, 2) == "", "a field deleted as a whole deletes its components"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\\F\\\\S\\\\T\\\\R\\\\E\\", "|^&~\\"),
        ("one\\.br\\two", "one\ntwo"),
        ("\\X4D\\\\XC3BC\\ller", "Müller"),
        ("\\XC3\\\\XBC\\", "ü"),
        ("\\H\\bold\\N\\", "bold"),
        ("\\Zxyz\\ \\C2842\\", "\\Zxyz\\ \\C2842\\"),
        ("C:\\temp", "C:\\temp"),
        ("one\\.sp\\two\\.sp3\\three\\.sp 2\\four", "one\ntwo\n\n\nthree\n\nfour"),
        ("one\\.sp9999\\two", "one" + "\n" * 10 + "two"),
        ("\\.in+4\\one\\.ti-2\\ two\\.ce\\three\\.sk 2\\four\\.fi\\\\.nf\\", "one two\nthree  four"),
        ("\\.special\\ \\.spx\\", "\\.special\\ \\.spx\\"),
    ],
)
def test_escapes_are_understood_and_unknown_ones_kept(written: str, meant: str) -> None:
    assert er7.read_text(f"{HEADER}\rNTE|1||{written}").first("NTE").text(3) == meant


def test_the_delimiters_are_those_of_the_header() -> None:
    one = er7.read_text("MSH#*!?%#A#B#C#D#1##ADT*A08#7#P#2.5.1\rPID###1*2!3%4")
    pid = one.first("PID")
    assert (pid.text(3, 2), pid.text(3, 1, repetition=2), pid.text(3, 1, 2, repetition=2)) == ("2", "3", "4")


def test_the_truncation_character_of_version_2_7_is_no_content() -> None:
    one = er7.read_text("MSH|^~\\&#|A|B|C|D|1||ADT^A08|7|P|2.7\rPID|||5")
    assert (one.delimiters.truncation, one.control_id, one.first("PID").text(3)) == ("#", "7", "5")


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_segments_may_end_as_senders_end_them(ending: str) -> None:
    one = er7.read(f"{HEADER}{ending}PID|||5{ending}PV1||E{ending}".encode())
    assert [segment.name for segment in one.segments] == ["MSH", "PID", "PV1"]


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("", "MSH^1"), ("PID|||5", "MSH^1"), ("MSH|^~", "MSH^1^2"), ("MSH|^^\\&|A", "MSH^1^2"),
        ("MSHA^~\\&A1", "MSH^1^2"), (f"{HEADER}\rPi|1", "MSH^2"), (f"{HEADER}\r{HEADER}", "MSH^2"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_with_its_place(text: str, location: str) -> None:
    with pytest.raises(er7.Malformed) as refused:
        er7.read_text(text)
    assert refused.value.location == location


def test_orders_are_told_apart_by_their_opening_segment() -> None:
    one = er7.read_text(f"{HEADER}\rPID|1\rORC|NW|1\rOBR|1\rOBR|2\rORC|NW|2\rOBR|3")
    assert [[segment.name for segment in group] for group in one.groups("ORC")] == [
        ["ORC", "OBR", "OBR"],
        ["ORC", "OBR"],
    ]


def test_segments_are_built_from_plain_values() -> None:
    made = er7.segment("OBX", {1: "1", 3: ("59776-5", ("Find", "ings")), 5: ["a", ("b", "c", "")], 9: ""})
    assert (
        er7.write(er7.Message((er7.read_text(HEADER).header, made))).split("\r")[1] == "OBX|1||59776-5^Find&ings||a~b^c"
    )
