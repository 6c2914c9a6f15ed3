"""Structured reports per second, understood and checked, beside highdicom's reader on the same files, turn by turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from io import BytesIO

import pytest
from highdicom.sr import ValueTypeValues, srread
from highdicom.sr.utils import find_content_items

from reporting.sr import read_json
from ris.dicom import sandbox
from tests.bench.figures import Figure, Record
from tests.reporting.sr import builders as b
from tests.reporting.sr.builders import Annotation, Drawn, Num, length, ohif_sr

ROUNDS, EACH = 9, 6
OUTLINE = Drawn("POLYLINE", [10, 10, 30, 10, 30, 40, 10, 40, 10, 10])
RECTANGLE = Annotation(
    "RectangleROI",
    [Num(b.PERIMETER, "68", drawn=OUTLINE), Num(b.AREA, "240.125", b.MM2), Num(b.MEAN, "-3.5", b.HOUNSFIELD)],
)
IMAGES = [b.spaced(0.5, 0.5)]


@pytest.mark.parametrize("annotations", [1, 10, 100])
def bench_reading(annotations: int, record: Record) -> None:
    """Ours reads, checks units, recomputes and answers JSON; highdicom parses and finds the numbers."""
    half = [length("33.6", [10, 20, 16, 25])] * (annotations - annotations // 2)
    part10 = ohif_sr(*half, *[RECTANGLE] * (annotations // 2), sop_class=b.COMPREHENSIVE_3D_SR, implicit=False)
    mine = [value["value"] for group in read_json(part10, IMAGES)["groups"] for value in group["values"]]
    assert sorted(mine) == sorted(highdicom(part10)), "what it reads otherwise would be no peer"
    ours, peer, safe = [], [], []
    for _ in range(ROUNDS):
        ours.append(per_second(lambda: read_json(part10, IMAGES)))
        peer.append(per_second(lambda: highdicom(part10)))
        safe.append(per_second(lambda: sandbox.call("reporting.sr.sandboxed.read_json", part10, IMAGES)))
    case, theirs = f"annotations={annotations}", round(statistics.median(peer), 1)
    figures = {"objects_per_s": ours, "objects_per_s_in_sandbox": safe}
    for metric, rates in figures.items():
        value = round(statistics.median(rates), 1)
        record.add(Figure("sr", case, metric, value, "objects/s", "highdicom srread", theirs))


def highdicom(part10: bytes) -> list[float]:
    """Every measured value, as highdicom's own search finds it."""
    report = srread(BytesIO(part10))
    found = find_content_items(report, value_type=ValueTypeValues.NUM, recursive=True)
    return [float(item.value) for item in found]


def per_second(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(EACH):
        act()
    return EACH / (time.perf_counter() - began)
