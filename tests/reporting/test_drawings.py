"""What a real OHIF stored is drawn on the picture of the image that it was drawn on: where, and with which words."""

from __future__ import annotations

import json
import math
from typing import Any

from reporting.drawings import drawn_on
from reporting.models import KeyImage
from reporting.publish.grid import grid_of
from tests.reporting.sr.test_real_ohif import OBJECTS, said


def key_image(name: str) -> KeyImage:
    metadata: dict[str, Any] = json.loads((OBJECTS / f"{name}.json").read_text("utf-8"))["image"]
    return KeyImage(sop_instance_uid=metadata["00080018"]["Value"][0], grid=grid_of(metadata))


def test_the_line_of_a_length_is_as_long_in_pixels_as_its_number_says() -> None:
    shapes = drawn_on(key_image("ct"), [said("ct")])
    first, last = shapes[0]["points"]
    assert f"{math.dist(first, last) * 2:.1f} mm" == shapes[0]["words"] == "60.0 mm"
    assert all(0 <= column <= 64 and 0 <= row <= 64 for one in shapes for column, row in one["points"])


def test_each_drawing_has_its_numbers_and_is_there_once() -> None:
    image = key_image("ct")
    shapes = drawn_on(image, [said("ct"), said("ct")])
    assert shapes == drawn_on(image, [said("ct")])
    words = [one["words"] for one in shapes if one["words"]]
    assert [
        one
        for one in ("60.0 mm", "60.6 mm × 40.4 mm", "800.4 mm²", "153.4 °")
        if not any(one in word for word in words)
    ] == []


def test_nothing_is_drawn_on_another_image_nor_a_doubtful_number_written() -> None:
    other = key_image("ct")
    other.sop_instance_uid = "2.25.1"
    assert drawn_on(other, [said("ct")]) == []
    assert drawn_on(key_image("oblong"), [said("oblong")]) == [], "OHIF exchanges the sides of its pixels"
    ultrasound = drawn_on(key_image("ultrasound"), [said("ultrasound")])
    assert ultrasound
    assert not any("1.5 mm" in one["words"] for one in ultrasound), "OHIF wrote centimetres as millimetres"
