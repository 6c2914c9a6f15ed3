"""What may be stored, judged on real bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import ImplicitVRLittleEndian

from ris.dicom import sandbox
from ris.dicom.sandbox.errors import Refusal
from tests.reporting.sr import hostile
from tests.viewer import objects
from viewer.dressing import dress
from viewer.stow_rules import Described, Fault, describe, faults, named_study

HERE = objects.Place("1.2.3", "P1")
REPORT = objects.structured_report(HERE, "1.2.3.8", "1.2.3.8.1")


def described(raw: bytes) -> Described:
    found: dict[str, Any] = describe(raw)
    return Described(**found)


def reason(one: Described) -> str:
    fault = faults([one], study_uid="1.2.3", patient_id="P1")
    return fault.reason if fault else ""


def test_a_report_of_the_study_may_enter() -> None:
    one = described(REPORT)
    assert (one.kind, one.patient_id, one.study_instance_uid) == ("Enhanced SR", "P1", "1.2.3")
    assert named_study([one]) == "1.2.3"
    assert faults([one], study_uid="1.2.3", patient_id="P1") is None


def test_the_sandbox_describes_the_same() -> None:
    assert sandbox.call("viewer.stow_rules.describe", REPORT) == json.loads(json.dumps(describe(REPORT)))


def test_implicit_vr_is_read_too() -> None:
    from io import BytesIO

    from pydicom import dcmread

    found = dcmread(BytesIO(REPORT))
    found.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    stream = BytesIO()
    found.save_as(stream, implicit_vr=True, little_endian=True)
    assert described(stream.getvalue()).sop_instance_uid == "1.2.3.8.1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sop_class_uid": objects.CT}, "can be stored"),
        ({"sop_class_uid": objects.PDF}, "can be stored"),
        ({"patient_id": "P2"}, "patient ID"),
        ({"patient_id": ""}, "patient ID"),
        ({"preamble_clean": False}, "preamble"),
        ({"meta_agrees": False}, "meta information"),
        ({"sop_instance_uid": "../../x"}, "does not name itself"),
        ({"series_instance_uid": ""}, "does not name itself"),
        ({"size": 11 * 1024 * 1024}, "10 MB"),
        ({"study_instance_uid": "4.5"}, "another study"),
    ],
)
def test_each_rule_refuses_on_its_own(change: dict[str, Any], words: str) -> None:
    assert words in reason(replace(described(REPORT), **change))


def test_objects_of_two_studies_or_of_none_are_refused() -> None:
    one = described(REPORT)
    assert isinstance(named_study([one, replace(one, study_instance_uid="4.5")]), Fault)
    assert isinstance(named_study([replace(one, study_instance_uid="")]), Fault)


def test_the_same_uid_twice_in_one_request_is_refused() -> None:
    one = described(REPORT)
    assert faults([one, one], study_uid="1.2.3", patient_id="P1") is not None


def test_an_executable_preamble_is_noticed() -> None:
    assert described(b"MZ" + REPORT[2:]).preamble_clean is False


@pytest.mark.parametrize("levels", [70, 300, 60_000])
def test_deep_nesting_is_refused_before_it_can_hurt(levels: int) -> None:
    with pytest.raises(Refusal, match="64 levels"):
        describe(objects.nested(HERE, "1.2.3.8", "1.2.3.8.1", levels))


def test_more_items_than_a_report_has_are_refused_before_pydicom_builds_them() -> None:
    with pytest.raises(Refusal, match="more than 10000 sequence items"):
        describe(hostile.file(hostile.root(hostile.flat(10_001))))
    assert describe(hostile.file(hostile.root(hostile.flat(10_000))))["sop_class_uid"] == objects.ENHANCED_SR


def test_a_part_of_another_type_is_refused_in_words() -> None:
    wrong = hostile.file(hostile.root(hostile.element(0x40, 0xA730, b"UT", b"no sequence")))
    with pytest.raises(Refusal, match=r"^A part of it has another type than DICOM gives it\.$"):
        dress(wrong, "{}", "Rita", True)


def test_moderate_nesting_passes() -> None:
    assert described(objects.nested(HERE, "1.2.3.8", "1.2.3.8.1", 20)).patient_id == "P1"


@pytest.mark.parametrize("raw", [b"", b"x" * 200, REPORT[:132], REPORT[:-3], b"\0" * 128 + b"DICM" + b"\xff" * 40])
def test_damaged_files_are_refused(raw: bytes) -> None:
    with pytest.raises(Refusal):
        describe(raw)


@settings(max_examples=200, deadline=None)
@given(at=st.integers(132, len(REPORT) - 1), byte=st.integers(0, 255))
def test_a_file_with_one_wrong_byte_is_described_or_refused_but_never_hangs(at: int, byte: int) -> None:
    try:
        found = sandbox.call("viewer.stow_rules.describe", REPORT[:at] + bytes([byte]) + REPORT[at + 1 :])
    except sandbox.SandboxRefused as error:
        found = {"refused": error.code}
    assert set(found) >= {"sop_class_uid", "patient_id"} or found["refused"] in {"refused", "failed"}
