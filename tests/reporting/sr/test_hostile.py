"""Objects that mean harm, and objects that were merely damaged."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataelem import DataElement
from pydicom.filebase import DicomIO
from pydicom.filewriter import write_dataset

from reporting.sr import SrRefused, read, read_json
from reporting.sr.limits import MAX_BYTES, MAX_CONTENT_ITEMS
from tests.quickest import quickest
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import length, ohif_sr, spaced
from tests.reporting.sr.hostile import deflated, element, file, flat, nested, root
from tests.reporting.sr.test_machines import SITE, coded, num

GOOD = ohif_sr(length(5.0, [10, 20, 16, 25]))
EXPLICIT = ohif_sr(length(5.0, [10, 20, 16, 25]), implicit=False)


def outcome(part10: bytes) -> str:
    """The sentence of a refusal, or the whole answer; anything else that is raised fails the test."""
    try:
        return json.dumps(read_json(part10, [spaced(0.8, 0.5)]), allow_nan=False)
    except SrRefused as refusal:
        return refusal.message


def refused(part10: bytes, why: str) -> None:
    with pytest.raises(SrRefused, match=why):
        read(part10)


@pytest.mark.parametrize(("levels", "defined"), [(65, True), (65, False), (300, True), (300, False), (20_000, False)])
def test_deep_nesting_is_refused_at_once(levels: int, *, defined: bool) -> None:
    part10 = file(root(nested(levels, defined=defined)))

    assert quickest(lambda: refused(part10, "more than 64 levels")) < 1


@pytest.mark.parametrize("defined", [True, False])
def test_sixty_levels_are_still_read(*, defined: bool) -> None:
    assert read(file(root(nested(60, defined=defined)))).reader == "outline"


def test_more_content_items_than_a_report_can_have_are_refused() -> None:
    part10 = file(root(flat(MAX_CONTENT_ITEMS + 1)))
    assert quickest(lambda: refused(part10, "more than 10000 content items")) < 1


def test_as_many_content_items_as_allowed_are_read() -> None:
    document = read(file(root(flat(MAX_CONTENT_ITEMS))))

    assert document.problems == ("Only the first 5000 lines are shown.",)


def test_a_file_over_ten_megabytes_is_refused_unread() -> None:
    with pytest.raises(SrRefused, match="larger than 10 MB"):
        read(GOOD + b"\0" * MAX_BYTES)


def test_a_deflated_report_is_read() -> None:
    document = read(deflated(root(flat(3))))

    assert document.lines == ("", "  x", "  x", "  x")[1:]


def test_a_deflate_bomb_is_refused_before_it_unfolds() -> None:
    bomb = deflated(root(element(0x40, 0xA160, b"UT", b"a" * 200_000_000)))
    assert len(bomb) < 300_000

    with pytest.raises(SrRefused, match="larger than 10 MB when inflated"):
        read(bomb)


def test_a_deflated_report_that_is_cut_or_garbled_is_refused() -> None:
    whole = deflated(root(flat(50)))

    with pytest.raises(SrRefused, match="cut short"):
        read(whole[:-20])
    with pytest.raises(SrRefused, match=r"cannot be inflated|cut short"):
        read(whole[:-40] + b"\xff" * 40)


@pytest.mark.parametrize("part10", [b"", b"DICM", b"%PDF-1.7" * 40, b"\0" * 200])
def test_what_is_no_dicom_file_is_refused(part10: bytes) -> None:
    with pytest.raises(SrRefused, match="not a DICOM file"):
        read(part10)


def test_an_image_is_no_structured_report() -> None:
    with pytest.raises(SrRefused, match="not a structured report"):
        read(file(root(b"", sop_class=b.CT_IMAGE)))


def test_the_retired_trial_reports_are_refused() -> None:
    with pytest.raises(SrRefused, match="not a structured report"):
        read(file(root(b"", sop_class="1.2.840.10008.5.1.4.1.1.88.3")))


def test_a_transfer_syntax_of_pictures_is_refused() -> None:
    with pytest.raises(SrRefused, match=r"transfer syntax 1\.2\.840\.10008\.1\.2\.4\.50"):
        read(file(root(b""), syntax="1.2.840.10008.1.2.4.50"))


def test_a_content_sequence_of_another_vr_is_an_empty_report_that_says_so() -> None:
    document = read(file(root(element(0x40, 0xA730, b"UT", b"no sequence"))))

    assert (document.groups, document.reader) == ((), "outline")
    assert document.problems == (
        "A part of the report has another type than DICOM gives it: what it holds could not be read.",
    )


@pytest.mark.parametrize("whole", [GOOD, EXPLICIT])
def test_a_report_cut_anywhere_is_refused_or_read_but_never_breaks(whole: bytes) -> None:
    outcomes = {outcome(whole[:end]) for end in range(0, len(whole) - 1, 7)}

    assert "The object is cut short or its lengths are wrong; it cannot be read." in outcomes


@settings(deadline=None, max_examples=300)
@given(
    whole=st.sampled_from([GOOD, EXPLICIT]),
    damages=st.lists(st.tuples(st.integers(132, len(EXPLICIT) - 1), st.binary(min_size=1, max_size=4)), max_size=6),
)
def test_a_damaged_report_gives_clean_json_or_a_sentence(whole: bytes, damages: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(whole)
    for position, junk in damages:
        damaged[position : position + len(junk)] = junk

    assert outcome(bytes(damaged))


@settings(deadline=None, max_examples=100)
@given(body=st.binary(max_size=400))
def test_random_bytes_after_a_good_header_never_break(body: bytes) -> None:
    assert outcome(file(root(body)))


def test_control_characters_do_not_reach_the_screen() -> None:
    dataset = b.ohif_dataset(length(5.0, [10, 20, 16, 25]))
    dataset.SeriesDescription = "a\x1b[31mb\x00c"

    assert read_json(b.part10(dataset))["series_description"] == "a[31mbc"


def test_markup_is_carried_as_the_text_it_is() -> None:
    dataset = b.ohif_dataset(b.Annotation("Length", [], label="<img src=x onerror=alert(1)>"))

    assert read_json(b.part10(dataset))["groups"][0]["label"] == "<img src=x onerror=alert(1)>"


def test_a_drawing_with_too_many_points_is_left_out_and_told() -> None:
    endless = b.Drawn("POLYLINE", [1.0, 2.0] * 20_001)
    document = read_json(ohif_sr(b.Annotation("PlanarFreehandROI", [b.Num(b.AREA, 5.0, b.MM2, endless)])))

    assert document["groups"][0]["geometry"] == []
    assert document["problems"] == ["A drawn shape has more than 20000 points; it was left out."]


def test_a_shape_that_many_groups_share_is_not_written_out_for_each() -> None:
    region = b.Drawn("POLYLINE", [1.0, 2.0] * 15_000).item()
    numbers = [num(b.AREA, "5", b.MM2, coded(SITE, (str(place), "SCT", "a place"))) for place in range(60)]

    groups = read_json(ohif_sr(b.Annotation("PlanarFreehandROI", [], extra=[region, *numbers])))["groups"]

    assert len(groups) == 60
    assert 15_000 <= sum(len(drawing["points"]) for group in groups for drawing in group["geometry"]) <= 35_000


@pytest.mark.parametrize("far", [1e308, -1e200, float("nan")])
def test_coordinates_that_no_picture_has_are_left_out_and_told(far: float) -> None:
    dataset = b.ohif_dataset(length("5", [10, 20, 16, 25]))
    number = dataset.ContentSequence[4].ContentSequence[0].ContentSequence[2]
    drawn = number.ContentSequence[0]
    del drawn.GraphicData
    drawn.add(DataElement("GraphicData", "FD", [far, 20.0, 16.0, 25.0]))

    document = json.loads(outcome(b.part10(dataset, implicit=False)))

    assert (document["groups"][0]["values"][0]["flags"], document["groups"][0]["geometry"]) == (["not-recomputed"], [])
    assert "missing or broken coordinates" in document["problems"][0]


@pytest.mark.parametrize("spacing", [1e300, 1e-300, -1.0, 0.0])
def test_pixels_that_no_picture_has_make_no_length(spacing: float) -> None:
    answer = read_json(GOOD, [spaced(spacing, spacing)])

    assert json.dumps(answer, allow_nan=False)
    assert answer["groups"][0]["values"][0]["flags"] != []


def test_problems_are_listed_up_to_a_hundred() -> None:
    bad = [length(f"x{number}", [10, 20, 16, 25]) for number in range(150)]

    problems = read_json(ohif_sr(*bad))["problems"]

    assert (len(problems), problems[-1]) == (101, "… and 50 more problems.")


def test_a_report_in_big_endian_is_read() -> None:
    encoded = io.BytesIO()
    target = DicomIO(encoded)
    target.is_implicit_VR, target.is_little_endian = False, False
    write_dataset(target, b.ohif_dataset(length("5.0", [10, 20, 16, 25])))

    document = read(file(encoded.getvalue(), syntax="1.2.840.10008.1.2.2"))

    assert document.groups[0].values[0].number.value == 5.0


def test_names_and_identifiers_without_end_are_cut() -> None:
    endless = b.Annotation("x" * 5000, [b.Num(("1", "99LOCAL", "n" * 5000), "1" * 300, b.MM)])

    (group,) = read_json(ohif_sr(endless))["groups"]

    (value,) = group["values"]
    assert (len(group["tracking_identifier"]), len(value["name"]), len(value["written"]["value"])) == (256, 256, 256)
    assert value["value"] == float("1" * 300)


def test_image_metadata_of_another_shape_is_passed_over() -> None:
    images: list[Any] = ["x", None, 3, [], spaced(0.8, 0.5)]

    assert read_json(GOOD, images)["groups"][0]["values"][0]["flags"] == []


@pytest.mark.parametrize("frame", ["inf", "nan", "0", "-3", "99999999999", "two"])
def test_a_frame_number_that_cannot_be_means_the_whole_image(frame: str) -> None:
    dataset = b.ohif_dataset(length(5.0, [10, 20, 16, 25], frame=1))
    number = dataset.ContentSequence[4].ContentSequence[0].ContentSequence[2]
    referenced = number.ContentSequence[0].ContentSequence[0].ReferencedSOPSequence[0]
    del referenced.ReferencedFrameNumber
    referenced.add(DataElement("ReferencedFrameNumber", "LO", frame))

    (group,) = read_json(b.part10(dataset))["groups"]

    assert (group["referenced_sop_instance_uid"], group["referenced_frame"]) == (b.IMAGE, None)
