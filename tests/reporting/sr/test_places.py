"""Images are named by series and image number, not by the end of a UID; points in the patient find their slice."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import length, ohif_sr

FRAME = "2.25.3001"


def numbered(image: str = b.IMAGE, series: int = 3, number: int = 61, **more: list[Any]) -> dict[str, Any]:
    return b.image_json(image, t00200011=[series], t00200013=[number], t0020000E=["2.25.9"], **more)


def stack(count: int, frame: str = FRAME) -> list[dict[str, Any]]:
    """Axial slices, 5 mm thick, 5 mm apart."""
    return [
        numbered(
            f"2.25.70{number}", number=number, t00200052=[frame], t00180050=[5.0],
            t00200032=[0.0, 0.0, 5.0 * number], t00200037=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        )
        for number in range(1, count + 1)
    ]  # fmt: skip


def place(part10: bytes, images: list[dict[str, Any]]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = read_json(part10, images)["groups"][0]["place"]
    return found


def test_an_image_is_named_by_its_series_and_number() -> None:
    found = place(ohif_sr(length("5", [0, 0, 3, 4])), [numbered()])
    assert found == {
        "sop_instance_uid": b.IMAGE, "series_instance_uid": "2.25.9", "series_number": 3, "image_number": 61,
        "frame": None,
    }  # fmt: skip


def test_a_frame_is_named_only_where_there_are_several() -> None:
    part10 = ohif_sr(length("5", [0, 0, 3, 4], frame=7))
    for frames, expected in (([1], None), ([30], 7)):
        found = place(part10, [numbered(t00280008=frames)])
        assert found is not None
        assert found["frame"] == expected


def test_an_image_that_nobody_knows_keeps_its_uid() -> None:
    found = place(ohif_sr(length("5", [0, 0, 3, 4])), [])
    assert found is not None
    assert (found["sop_instance_uid"], found["image_number"]) == (b.IMAGE, None)


def test_points_in_the_patient_find_the_slice_that_they_lie_on() -> None:
    found = place(ohif_sr(length("5", [10, 20, 21, 13, 24, 21], in_patient=True)), stack(10))
    assert found is not None
    assert found["image_number"] == 4


@pytest.mark.parametrize("images", [[], stack(10, frame="2.25.3002"), stack(3)])
def test_points_on_no_slice_have_no_image(images: list[dict[str, Any]]) -> None:
    assert place(ohif_sr(length("5", [10, 20, 40, 13, 24, 40], in_patient=True)), images) is None


def test_a_line_through_several_slices_is_on_none_of_them() -> None:
    assert place(ohif_sr(length("30", [10, 20, 10, 10, 20, 40], in_patient=True)), stack(10)) is None
