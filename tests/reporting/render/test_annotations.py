"""What was measured on a key image stands on its picture, where it was drawn and with its number."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reporting.publish.grid import grid_of, in_pixels
from reporting.render import render_pdf
from reporting.render.content import Drawn, Picture
from tests.reporting.render.examples import FINAL

BLUE, COLUMNS, ROWS = (0, 0, 255), 100, 80
LENGTH = Drawn("POLYLINE", ((20.0, 60.0), (70.0, 20.0)), "Lesion: 14.2 mm")
CIRCLE = Drawn("CIRCLE", ((50.0, 40.0), (60.0, 40.0)))
ELLIPSE = Drawn("ELLIPSE", ((30.0, 40.0), (70.0, 40.0), (50.0, 30.0), (50.0, 50.0)))
SQUARE = Drawn("POLYGON", ((30.0, 30.0), (60.0, 30.0), (60.0, 50.0), (30.0, 50.0)))


def blue() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (COLUMNS, ROWS), BLUE).save(target, "PNG")
    return target.getvalue()


def drawn(folder: Path, *shapes: Drawn) -> tuple[Image.Image, str]:
    """The picture as a foreign program paints it, cut out of its page, and the text that it reads there."""
    picture = Picture("series 3, image 61", blue(), (COLUMNS, ROWS), shapes)
    pdf = folder / "report.pdf"
    pdf.write_bytes(render_pdf(replace(FINAL, key_images=(picture,))))
    subprocess.run(["pdftoppm", "-r", "300", "-png", pdf, folder / "page"], check=True)
    words = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout
    for page in sorted(folder.glob("page*.png")):
        with Image.open(page) as opened:
            found = opened.convert("RGB")
        pixels = np.asarray(found)
        own = np.argwhere((pixels[..., 0] < 30) & (pixels[..., 1] < 30) & (pixels[..., 2] > 225))
        if len(own):
            (top, left), (bottom, right) = own.min(axis=0), own.max(axis=0)
            return found.crop((left, top, right + 1, bottom + 1)), words
    raise AssertionError("no picture on any page")


def is_lit(picture: Image.Image, column: float, row: float) -> bool:
    """Whether the light line passes within half a pixel of the image around a place that is given in its pixels."""
    scale = picture.width / COLUMNS
    near = range(-round(scale / 2), round(scale / 2) + 1)
    places = [(round(column * scale) + x, round(row * scale) + y) for x in near for y in near]
    inside = [picture.getpixel(one) for one in places if 0 <= one[0] < picture.width and 0 <= one[1] < picture.height]
    return any(isinstance(one, tuple) and one[0] > 180 and one[1] > 140 and one[2] < 140 for one in inside)


@pytest.mark.parametrize(
    ("shape", "on", "off"),
    [
        (LENGTH, [(20, 60), (45, 40), (70, 20)], [(20, 20), (70, 60), (45, 44), (45, 36)]),
        (CIRCLE, [(60, 40), (40, 40), (50, 30), (50, 50)], [(50, 40), (59, 31), (62, 40)]),
        (ELLIPSE, [(30, 40), (70, 40), (50, 30), (50, 50)], [(50, 40), (30, 30), (72, 40)]),
        (SQUARE, [(30, 30), (45, 30), (60, 40), (30, 40)], [(45, 40), (28, 30)]),
        (Drawn("POINT", ((25.0, 25.0),)), [(25, 25)], [(30, 25), (25, 30)]),
    ],
)
def test_each_shape_passes_where_it_was_drawn_to_the_pixel(
    shape: Drawn, on: list[tuple[float, float]], off: list[tuple[float, float]], tmp_path: Path
) -> None:
    picture, _words = drawn(tmp_path, shape)
    assert [place for place in on if not is_lit(picture, *place)] == []
    assert [place for place in off if is_lit(picture, *place)] == []


def test_the_number_can_be_read_on_it_and_stays_within_the_picture(tmp_path: Path) -> None:
    corner = Drawn("POLYLINE", ((60.0, 40.0), (99.0, 79.0)), "Lesion: 14.2 mm")
    picture, words = drawn(tmp_path, corner)
    assert "Lesion: 14.2 mm" in words
    dark = Image.eval(picture.convert("L"), lambda value: 255 if value < 8 else 0).getbbox()
    assert dark is not None
    assert dark[2] > picture.width * 0.7


CT = {
    "00280010": {"Value": [80]}, "00280011": {"Value": [100]}, "00200052": {"Value": ["2.25.9"]},
    "00280030": {"Value": [0.5, 0.8]}, "00180050": {"Value": [3]},
}  # fmt: skip


def placed(position: list[float], axes: list[float]) -> dict[str, object]:
    return grid_of({**CT, "00200032": {"Value": position}, "00200037": {"Value": axes}})


def test_points_of_the_patient_become_pixels_from_the_corner_of_the_first() -> None:
    grid = placed([-40, -20, 7], [1, 0, 0, 0, 1, 0])
    assert in_pixels([[-40, -20, 7], [-32, -10, 7]], grid) == [[0.5, 0.5], [10.5, 20.5]]
    assert in_pixels([[-40, -20, 8.4]], grid) == [[0.5, 0.5]], "within half a slice"
    assert in_pixels([[-40, -20, 9]], grid) is None, "on another slice"


def test_a_coronal_slice_has_its_rows_down_the_patient() -> None:
    grid = placed([-40, 5, 100], [1, 0, 0, 0, 0, -1])
    assert in_pixels([[-24, 5, 90]], grid) == [[20.5, 20.5]]
    assert in_pixels([[-24, 9, 90]], grid) is None


def test_what_has_no_place_in_the_patient_has_pixels_all_the_same() -> None:
    assert grid_of(CT) == {"columns": 100, "rows": 80, "spacing": [0.5, 0.8]}
    assert in_pixels([[1, 2, 3]], grid_of(CT)) is None
    assert grid_of({}) == {}
