"""A patient whose name the house's own fonts lack has a report that can be signed and read."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from reporting.document import to_render
from reporting.models import ReportVersion
from reporting.render import render_pdf
from reporting.verifying.asking import verify_url
from ris.core.errors import InvalidInput
from tests.exam import case, draft, sign
from tests.reporting.tools import printed_text, run
from tests.world import World

pytestmark = pytest.mark.usefixtures("signing_key")

NAMES = [("王", "小東", "Chinese"), ("山田", "たろう", "Japanese"), ("홍", "길동", "Korean")]

ELSEWHERE = """
import pathlib, pickle, sys
from reporting.render import render_pdf
content = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(render_pdf(content, extra_fonts=tuple(map(pathlib.Path, sys.argv[1:]))))
"""
"""Another process, which has drawn nothing before."""


def signed(world: World, family: str, given: str) -> ReportVersion:
    task = case(world, world.requested(world.order(world.patient(family, given))))
    return sign(draft(world, task=task), world.radiologist)


@pytest.mark.parametrize(("family", "given", "script"), NAMES)
def test_the_name_is_on_the_signed_paper(world: World, tmp_path: Path, family: str, given: str, script: str) -> None:
    version = signed(world, family, given)
    body = bytes(version.artifacts.get(kind="pdf").body)
    words = printed_text(body, tmp_path)
    assert family in words, script
    assert given in words, script


def test_only_the_letters_that_are_used_are_embedded(world: World, tmp_path: Path) -> None:
    body = bytes(signed(world, "王", "小東").artifacts.get(kind="pdf").body)
    (tmp_path / "signed.pdf").write_bytes(body)
    rows = run("pdffonts", tmp_path / "signed.pdf").splitlines()[2:]
    assert any("Droid" in row for row in rows)
    for row in rows:
        embedded, subset = row.split()[-5:-3]
        assert (embedded, subset) == ("yes", "yes"), row
    largest = max(path.stat().st_size for path in settings.PRINT_FONTS)
    assert len(body) < largest / 4


def test_the_same_version_is_the_same_bytes(world: World) -> None:
    version = signed(world, "王", "홍길동")
    address = verify_url(version.report_id, version.number, version.content_sha256)
    content = to_render(version.content, sha256=version.content_sha256, verify_url=address)
    once = render_pdf(content, extra_fonts=settings.PRINT_FONTS)
    command = [sys.executable, "-c", ELSEWHERE, *map(str, settings.PRINT_FONTS)]
    again = subprocess.run(command, input=pickle.dumps(content), capture_output=True, check=True, cwd=settings.BASE_DIR)
    assert once == again.stdout
    assert bytes(version.artifacts.get(kind="pdf").body).startswith(once), "the seal is added, nothing is changed"


def test_without_the_fonts_it_is_refused_in_words(world: World, settings: Settings) -> None:
    settings.PRINT_FONTS = ()
    with pytest.raises(InvalidInput, match="Change that, then sign"):
        signed(world, "王", "小東")
    assert not ReportVersion.objects.exists()
