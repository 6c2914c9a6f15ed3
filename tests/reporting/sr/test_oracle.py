"""DCMTK's `dsrdump` as oracle: every number that it prints, we have, as it was written."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from highdicom import sr

from reporting.sr import read_json
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Annotation, Drawn, Num, length, ohif_sr
from tests.reporting.sr.test_highdicom import AREA, SQUARE_MILLIMETRES, circle, planar, report
from tests.reporting.sr.test_text import unknown_template

NUMBER = re.compile(r'NUM:\(.*?"(?P<name>[^"]*)"\)="(?P<value>[^"]*)" \((?P<unit>[^,]*),')
LENIENT = ["-Ee", "-Er", "-Ec", "-Ei"]  # errors, constraint violations and broken items are passed over


def printed(part10: bytes, folder: Path) -> Counter[tuple[str, str, str]]:
    """(name, value, unit) of every NUM in dsrdump's printout, labels left out."""
    file = folder / "sr.dcm"
    file.write_bytes(part10)
    answer = subprocess.run(["dsrdump", *LENIENT, str(file)], capture_output=True, check=True, timeout=60)
    found = NUMBER.finditer(answer.stdout.decode("utf-8", "replace"))
    return Counter((hit["name"], hit["value"], hit["unit"]) for hit in found if hit["name"] not in ("label", "Center"))


def understood(part10: bytes) -> Counter[tuple[str, str, str]]:
    values = [value for group in read_json(part10)["groups"] for value in group["values"]]
    return Counter((value["name"], value["written"]["value"], value["written"]["unit"]) for value in values)


OUTLINE = Drawn("POLYLINE", [10, 10, 30, 10, 30, 40, 10, 40, 10, 10])
ANNOTATIONS = [
    length("33.6", [10, 20, 16, 25]),
    length("1.07E+01", [10, 20, 16, 25], frame=4),
    length("12.5", [1, 2, 3, 4, 6, 15], in_patient=True),
    Annotation(
        "RectangleROI",
        [Num(b.PERIMETER, "68", drawn=OUTLINE), Num(b.AREA, "240.125", b.MM2), Num(b.MEAN, "-3.5", b.HOUNSFIELD)],
    ),
    Annotation("CobbAngle", [Num(b.COBB_ANGLE, "12.75", b.DEGREES, Drawn("POLYLINE", [0, 0, 80, 0, 90, 10, 170, 60]))]),
    Annotation("ArrowAnnotate", [Num(b.LABEL, "0", ("1", "UCUM", "no units"), OUTLINE)], label="here"),
    length("7.81", [10, 20, 16, 25], b.PIXELS),
]


@pytest.mark.parametrize("implicit", [True, False])
def test_dsrdump_and_we_find_the_same_numbers_in_an_ohif_report(tmp_path: Path, *, implicit: bool) -> None:
    part10 = ohif_sr(*ANNOTATIONS, sop_class=b.COMPREHENSIVE_3D_SR, implicit=implicit)

    found = printed(part10, tmp_path)

    assert found.total() == 8
    assert found == understood(part10)


def test_dsrdump_and_we_find_the_same_numbers_in_a_highdicom_report(tmp_path: Path) -> None:
    area = sr.Measurement(AREA, value=314.159, unit=SQUARE_MILLIMETRES)
    part10 = report(planar(circle(), area))

    assert printed(part10, tmp_path) == understood(part10) == Counter({("Area", "314.159", "mm2"): 1})


def test_dsrdump_and_we_find_the_same_numbers_in_a_template_unknown_to_us(tmp_path: Path) -> None:
    part10 = unknown_template()

    found = printed(part10, tmp_path)

    assert found.total() == 2
    assert found == understood(part10)
