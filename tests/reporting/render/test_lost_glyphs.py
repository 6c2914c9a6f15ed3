"""A character is either on the page or the report is refused: there is no third way."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields, is_dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from reporting.render import FontUnusable, LostGlyph, render_pdf
from ris.core.typeset.writing import STEERING
from tests.reporting.render.examples import FINAL, saying
from tests.reporting.tools import printed_text, run

DEVANAGARI = "\u092b\u0947\u092b\u0921\u093c\u0947"
ARABIC = "\u0644\u0627 \u064a\u0648\u062c\u062f \u0643\u0633\u0631"
HEBREW = "\u05d0\u05d9\u05df \u05e9\u05d1\u05b8\u05e8 \u05d1\u05e6\u05dc\u05e2"
PRINTABLE = st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"])
# Half of the examples from what the fonts have, so that both outcomes are met often.
DRAWABLE = st.characters(min_codepoint=0x20, max_codepoint=0x6FF, exclude_categories=["Cs", "Cc", "Co", "Cn"])


def refused(text: str) -> tuple[str, ...]:
    with pytest.raises(LostGlyph) as refusal:
        render_pdf(saying(text))
    return refusal.value.characters


@pytest.mark.parametrize(
    "text", ["肺", "\U0001f9e0", DEVANAGARI, "\ue000", "\x07", "a\x00b", "\u0378", "\u2800", "\u0700"]
)
def test_what_no_font_can_draw_is_refused_by_name(text: str) -> None:
    lost = refused(text)
    assert lost
    assert set(lost) <= set(text)


def test_the_refusal_names_every_lost_character_once_with_its_code_point() -> None:
    with pytest.raises(LostGlyph, match=r"U\+80BA.*U\+90E8") as refusal:
        render_pdf(saying("肺部肺部 lung"))
    assert refusal.value.characters == ("肺", "部")


def with_every_text_in_turn(content: Any, foreign: str) -> list[Any]:
    """Copies of nested frozen content, each with one of its free texts ending in `foreign`."""
    if isinstance(content, str):
        return [content + foreign]
    if isinstance(content, tuple):
        changed = [(index, one) for index, part in enumerate(content) for one in with_every_text_in_turn(part, foreign)]
        rows = [(*content[:index], one, *content[index + 1 :]) for index, one in changed]
        return [type(content)(*row) if hasattr(content, "_fields") else row for row in rows]
    if not is_dataclass(content):
        return []
    free = [one.name for one in fields(content) if one.name not in {"language", "kind", "content_sha256"}]
    return [
        replace(content, **{name: one})  # type: ignore[type-var]
        for name in free
        for one in with_every_text_in_turn(getattr(content, name), foreign)
    ]


def test_no_field_of_a_report_escapes_the_guard() -> None:
    contents = with_every_text_in_turn(FINAL, "肺")
    assert len(contents) > 25
    for content in contents:
        with pytest.raises(LostGlyph):
            render_pdf(content)


@pytest.mark.parametrize(
    "text", ["Größe ≥ 12 mm ± 0,5 µl → β", "Ελληνικά", "Кириллица", "Zażółć gęślą jaźń", "ﬁnding ½ of № 12"]
)
def test_european_scripts_and_signs_are_printed(text: str, tmp_path: Path) -> None:
    printed = printed_text(render_pdf(saying(text)), tmp_path)
    assert text in printed


@pytest.mark.parametrize("text", [HEBREW, ARABIC])
def test_the_words_of_right_to_left_text_copy_as_they_were_written(text: str, tmp_path: Path) -> None:
    printed = printed_text(render_pdf(saying(text)), tmp_path).replace("\ufefb", "\u0644\u0627")
    assert text in re.sub(r"[\u200e\u200f\u202a-\u202e]", "", printed)
    assert re.findall(r"[\ufb50-\ufdff\ufe70-\ufefa]", printed) == [], "letters, and not how they look"


def test_a_comparison_in_right_to_left_text_never_copies_as_its_opposite(tmp_path: Path) -> None:
    printed = printed_text(render_pdf(saying(f"{HEBREW} (12 mm) \u2264 3")), tmp_path)
    assert "\u2264" in printed
    assert "\u2265" not in printed


def letters(text: str) -> list[str]:
    """What must be found again: letters decomposed, blanks and marks without ink aside."""
    plain = unicodedata.normalize("NFKD", STEERING.sub("", text).replace("\u200c", "").replace("\u200d", ""))
    return sorted(one for one in plain if not one.isspace() and one not in {"\x1c", "\x1d", "\x1e", "\x1f"})


def printed_letters(pdf: bytes) -> list[str]:
    pages = PdfReader(BytesIO(pdf)).pages
    return letters("".join(page.extract_text() for page in pages))


@pytest.fixture(scope="module")
def frame() -> list[str]:
    """The letters of a report whose findings are empty."""
    return printed_letters(render_pdf(saying("")))


@given(text=st.text(PRINTABLE | DRAWABLE, max_size=60) | st.text(DRAWABLE, max_size=200))
@example(text="Lesion ≥ 12 mm")
@example(text="\U0001d54f and \U0001d400")
@example(text="a\u0308\u0323 \u05e9\u05b8(\u05dc)")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_printable_text_is_on_the_page_to_the_last_character_or_refused(frame: list[str], text: str) -> None:
    try:
        pdf = render_pdf(saying(text))
    except LostGlyph:
        return
    assert printed_letters(pdf) == sorted(frame + letters(text))


@pytest.fixture
def han_font(tmp_path: Path) -> Path:
    """A font of one ideograph, 肺, drawn as a box."""
    pen = TTGlyphPen(None)
    for step, point in enumerate([(100, 0), (100, 700), (900, 700), (900, 0)]):
        (pen.lineTo if step else pen.moveTo)(point)
    pen.closePath()
    box, empty = pen.glyph(), TTGlyphPen(None).glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "lung"])
    builder.setupCharacterMap({ord("肺"): "lung"})
    builder.setupGlyf({".notdef": empty, "lung": box})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "lung": (1000, 100)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Han", "styleName": "Regular", "psName": "Han-Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    path = tmp_path / "han.ttf"
    builder.save(path)
    return path


def test_an_extra_font_draws_what_the_base_font_lacks(han_font: Path, tmp_path: Path) -> None:
    pdf = render_pdf(saying("Finding 肺 here"), extra_fonts=(han_font,))
    assert "Finding 肺 here" in printed_text(pdf, tmp_path)
    fonts = run("pdffonts", tmp_path / "printed.pdf")
    assert "Han-Regular" in fonts
    assert " no " not in re.sub(r"^.*(?=emb)", "", fonts.split("\n", 2)[2])


def test_an_extra_font_that_cannot_be_embedded_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    with pytest.raises(FontUnusable, match=r"broken\.ttf"):
        render_pdf(FINAL, extra_fonts=(broken,))
