"""What ultrasound machines, dose monitors and key object selections say, with dsrdump as the oracle of the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Triple
from tests.reporting.sr.test_oracle import printed, understood

COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.88.33"
DOSE_SR = "1.2.840.10008.5.1.4.1.1.88.67"
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"

OB_REPORT = ("125000", "DCM", "OB-GYN Ultrasound Procedure Report")
VASCULAR_REPORT = ("125100", "DCM", "Vascular Ultrasound Procedure Report")
ECHO_REPORT = ("125200", "DCM", "Adult Echocardiography Procedure Report")
SITE, SIDE = ("363698007", "SCT", "Finding Site"), ("272741003", "SCT", "Laterality")
OLD_SITE, OLD_SIDE = ("G-C0E3", "SRT", "Finding Site"), ("G-C171", "SRT", "Laterality")
LEFT, RIGHT = ("7771000", "SCT", "Left"), ("24028007", "SCT", "Right")
CAROTID = ("32062004", "SCT", "Common carotid artery")
OLD_LEFT, OLD_CAROTID = ("G-A101", "SRT", "Left"), ("T-45100", "SRT", "Common carotid artery")
PEAK = ("11726-7", "LN", "Peak Systolic Velocity")
SPEED, CM = ("cm/s", "UCUM", "centimeter per second"), ("cm", "UCUM", "centimeter")


def coded(name: Triple, value: Triple) -> Dataset:
    item = b.content("HAS CONCEPT MOD", "CODE", name)
    item.ConceptCodeSequence = [b.concept(value)]
    return item


def text(name: Triple, value: str, relationship: str = "CONTAINS") -> Dataset:
    return b.content(relationship, "TEXT", name, TextValue=value)


def holding(name: Triple, *children: Dataset) -> Dataset:
    container = b.content("CONTAINS", "CONTAINER", name, ContinuityOfContent="SEPARATE")
    container.ContentSequence = list(children)
    return container


def num(name: Triple, value: str, unit: Triple, *modifiers: Dataset) -> Dataset:
    item = b.Num(name, value, unit).item()
    item.ContentSequence = [*item.get("ContentSequence", []), *modifiers]
    return item


def report(title: Triple, *children: Dataset, sop_class: str = COMPREHENSIVE) -> bytes:
    dataset = b.document(sop_class, title)
    dataset.ContentSequence = list(children)
    return b.part10(dataset)


def vascular(site: Triple, carotid: Triple, side: Triple, left: Triple) -> bytes:
    vessel = holding(
        ("121070", "DCM", "Findings"),
        coded(site, carotid),
        coded(side, left),
        num(PEAK, "85.2", SPEED),
        num(PEAK, "91.4", SPEED, coded(("121404", "DCM", "Selection Status"), ("121410", "DCM", "User chosen value"))),
        num(PEAK, "71", SPEED, coded(side, RIGHT)),
    )
    return report(VASCULAR_REPORT, vessel)


def groups(part10: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_json(part10)["groups"]
    return found


def values(group: dict[str, Any]) -> list[tuple[str, float, str]]:
    return [(value["name"], value["value"], value["unit"]) for value in group["values"]]


@pytest.mark.parametrize("codes", [(SITE, CAROTID, SIDE, LEFT), (OLD_SITE, OLD_CAROTID, OLD_SIDE, OLD_LEFT)])
def test_velocities_carry_the_vessel_and_side_of_their_container_in_both_dictionaries(codes: Sequence[Triple]) -> None:
    left, right = groups(vascular(*codes))

    assert (left["site"]["code"], left["laterality"]["code"]) == ("32062004", "7771000")
    assert values(left) == [("Peak Systolic Velocity", 85.2, "cm/s"), ("Peak Systolic Velocity", 91.4, "cm/s")]
    assert [value["selection"] and value["selection"]["code"] for value in left["values"]] == [None, "121410"]
    assert (right["laterality"]["code"], values(right)) == ("24028007", [("Peak Systolic Velocity", 71.0, "cm/s")])


def test_twins_are_never_mixed_up() -> None:
    def fetus(name: str, diameter: str) -> Dataset:
        femur = num(("11963-6", "LN", "Femur Length"), diameter, CM)
        group = holding(("125005", "DCM", "Biometry Group"), femur)
        return holding(("125002", "DCM", "Fetal Biometry"), text(("11951-1", "LN", "Fetus ID"), name), group)

    found = groups(report(OB_REPORT, fetus("A", "3.1"), fetus("B", "2.9")))

    assert [(group["label"], values(group)) for group in found] == [
        ("A", [("Femur Length", 3.1, "cm")]),
        ("B", [("Femur Length", 2.9, "cm")]),
    ]


def test_an_echo_number_says_in_which_mode_and_how_it_was_derived() -> None:
    mode = coded(("373887009", "SCT", "Image Mode"), ("399064001", "SCT", "2D mode"))
    mean = coded(("121401", "DCM", "Derivation"), ("373098007", "SCT", "Mean"))
    fraction = num(("18043-0", "LN", "Left Ventricular Ejection Fraction"), "62", ("%", "UCUM", "percent"), mode, mean)
    site = coded(SITE, ("87878005", "SCT", "Left Ventricle"))

    (group,) = groups(report(ECHO_REPORT, holding(("121070", "DCM", "Findings"), site, fraction)))

    (value,) = group["values"]
    assert (value["value"], value["derivation"]["name"], group["site"]["name"]) == (62.0, "Mean", "Left Ventricle")
    assert [modifier["code"]["code"] for modifier in value["modifiers"]] == ["399064001"]


def dose_report() -> bytes:
    scan = holding(
        ("113819", "DCM", "CT Acquisition"),
        text(("125203", "DCM", "Acquisition Protocol"), "Thorax native"),
        coded(("123014", "DCM", "Target Region"), ("51185008", "SCT", "Chest")),
        holding(("113829", "DCM", "CT Dose"), num(("113830", "DCM", "Mean CTDIvol"), "3.23", ("mGy", "UCUM", "mGy"))),
    )
    total = num(("113813", "DCM", "CT Dose Length Product Total"), "415.82", ("mGy.cm", "UCUM", "mGy.cm"))
    title = ("113701", "DCM", "X-Ray Radiation Dose Report")
    return report(title, scan, holding(("113811", "DCM", "CT Accumulated Dose Data"), total), sop_class=DOSE_SR)


def test_a_dose_report_begins_with_the_total_and_names_protocol_and_region_of_each_event() -> None:
    total, scan = groups(dose_report())

    assert values(total) == [("CT Dose Length Product Total", 415.82, "mGy.cm")]
    assert (scan["label"], scan["site"]["name"]) == ("Thorax native", "Chest")
    assert values(scan) == [("Mean CTDIvol", 3.23, "mGy")]


@pytest.mark.parametrize("part10", [vascular(SITE, CAROTID, SIDE, LEFT), dose_report()], ids=["vascular", "dose"])
def test_dsrdump_finds_no_number_that_we_do_not_have(tmp_path: Path, part10: bytes) -> None:
    found = printed(part10, tmp_path)

    assert found
    assert found == understood(part10)


def test_a_key_object_selection_names_its_images_its_reason_and_its_words() -> None:
    image = b.content("CONTAINS", "IMAGE")
    pointed = Dataset()
    pointed.ReferencedSOPClassUID, pointed.ReferencedSOPInstanceUID = b.CT_IMAGE, b.IMAGE
    pointed.ReferencedFrameNumber = 7
    image.ReferencedSOPSequence = [pointed]
    why = coded(("113011", "DCM", "Document Title Modifier"), ("113001", "DCM", "Rejected for Quality Reasons"))
    words = text(("113012", "DCM", "Key Object Description"), "<b>Blurred</b>\nsecond line")

    document = read_json(report(("113000", "DCM", "Of Interest"), why, words, image, sop_class=KEY_OBJECTS))

    (group,) = document["groups"]
    assert (document["reader"], document["text"]) == ("key-objects", ["<b>Blurred</b>", "second line"])
    assert (group["referenced_sop_instance_uid"], group["referenced_frame"]) == (b.IMAGE, 7)
    assert group["evaluations"][0]["value"] == "Rejected for Quality Reasons"
