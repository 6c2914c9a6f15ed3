"""`manage.py read_sr`: try a device's object before trusting it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pydicom import dcmwrite

from tests.reporting.sr.builders import length, ohif_sr
from tests.reporting.sr.test_highdicom import source_image

PART10 = ohif_sr(length(4.0, [10, 20, 16, 28]))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    dataset = source_image()
    dataset.PixelSpacing = [0.4, 0.4]
    path = tmp_path / "image.dcm"
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "sr.dcm"
    path.write_bytes(PART10)
    return path


def test_it_prints_what_was_understood_as_json(report: Path) -> None:
    printed = io.StringIO()

    call_command("read_sr", str(report), stdout=printed)

    document = json.loads(printed.getvalue())
    assert (document["observer"], document["problems"]) == ("unknown^unknown", [])
    (value,) = document["groups"][0]["values"]
    assert (value["value"], value["unit"], value["recomputed"], value["flags"]) == (4.0, "mm", None, ["not-recomputed"])


def test_images_let_it_check_the_numbers(report: Path, image: Path) -> None:
    printed = io.StringIO()

    call_command("read_sr", str(report), "--image", str(image), stdout=printed)

    (value,) = json.loads(printed.getvalue())["groups"][0]["values"]
    assert (value["recomputed"], value["flags"]) == (4.0, [])


@pytest.mark.parametrize("content", [b"no DICOM at all", PART10[:-40], b"\0" * 10_000_001])
def test_what_is_refused_ends_with_2_and_a_sentence(report: Path, content: bytes) -> None:
    report.write_bytes(content)

    with pytest.raises(CommandError, match=r"Refused: .+\.") as refused:
        call_command("read_sr", str(report))

    assert refused.value.returncode == 2


def test_a_missing_file_is_a_sentence_too(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file") as refused:
        call_command("read_sr", str(tmp_path / "absent.dcm"))

    assert refused.value.returncode == 2


def test_an_unreadable_image_is_refused(report: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"GIF89a")

    with pytest.raises(CommandError, match="image cannot be read"):
        call_command("read_sr", str(report), "--image", str(broken))
