"""What is vendored is what is pinned, so that an update of one is seen in the other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.architecture.sources import text
from viewer.ohif.fetch import MINIFIER, OHIF, Package

README = Path("static/vendor/README.md")


def pins() -> dict[str, str]:
    found: dict[str, str] = json.loads(text(Path("package.json")))["dependencies"]
    return found


def test_every_pin_is_an_exact_version() -> None:
    assert [name for name, version in pins().items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_the_vendored_packages_have_the_pinned_versions() -> None:
    rows = re.findall(r"^\| `[^|]+ \| npm `([^`]+)`[^|]*\| ([\d.]+) ", text(README), re.MULTILINE)
    assert pins().items() <= dict(rows).items()


@pytest.mark.parametrize(("entry", "package"), [("ohif", OHIF), ("minifier", MINIFIER)])
def test_what_is_fetched_for_the_viewer_is_the_pinned_one(entry: str, package: Package) -> None:
    pinned = json.loads(text(Path("package.json")))["config"][entry]
    expected = {"name": package.name, "version": package.version, "integrity": f"sha512-{package.integrity}"}
    assert pinned == expected
