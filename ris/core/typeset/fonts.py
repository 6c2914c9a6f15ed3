"""Embedded fonts with a fallback chain that knows what it cannot draw.

reportlab drops a character its font lacks without a word; here every character is looked up first.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Literal, NamedTuple

from bidi.mirror import MIRRORED
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from ris.core.typeset.errors import FontUnusable, LostGlyph
from ris.core.typeset.tounicode import TURNED, to_unicode_cmap

Weight = Literal["regular", "bold", "oblique"]

VENDORED = Path(__file__).resolve().parents[3] / "static" / "vendor" / "fonts"
FILES: dict[Weight, str] = {
    "regular": "DejaVuSans.ttf",
    "bold": "DejaVuSans-Bold.ttf",
    "oblique": "DejaVuSans-Oblique.ttf",
}
BASE_FONT = "Report-DejaVuSans.ttf"

# reportlab keeps a read position inside the shared font while it cuts a subset: one document at a time.
drawing = Lock()

# Controls, formatting, private use and unassigned code points have no agreed look on paper.
NOT_PRINTED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

# Scripts that must be joined, stacked or reordered by a shaper that is not run here (Syriac, Thaana, N'Ko,
# the Indic scripts, Tibetan, Myanmar, Khmer, Mongolian): letter by letter they would read as something else.
UNSHAPED = ((0x0700, 0x0860), (0x0900, 0x0E00), (0x0F00, 0x10A0), (0x1780, 0x18B0), (0xA840, 0xA880))


class Glyph(NamedTuple):
    """The font that draws a character, and the advance in em."""

    font: str
    advance: float


class EmbeddedFont(TTFont):
    """A subset-embedded TrueType font whose text can be copied back, also beyond the basic plane."""

    def __init__(self, name: str, filename: str) -> None:
        super().__init__(name, filename)
        glyphs, widths = self.face.charToGlyph, self.face.charWidths
        for original, mirror in MIRRORED.items():
            if ord(mirror) in glyphs:
                glyphs[TURNED + ord(original)] = glyphs[ord(mirror)]
                widths[TURNED + ord(original)] = self.face.getCharWidth(ord(mirror))

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802 (reportlab's name)
        subsets = list(self.state[doc].subsets)
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        prefix = doc.fontMapping[self.fontName][1:]
        for number, subset in enumerate(subsets):
            font = fonts[f"{prefix}+{number}"]
            doc.idToObject[font.ToUnicode.name].content = to_unicode_cmap(font.BaseFont, subset)

    def draws(self, character: str) -> bool:
        """Whether the page would show this character, blank only where it is a space."""
        glyph = self.face.charToGlyph.get(ord(character))
        if glyph is None:
            return False
        has_outline = bool(self.face.glyphPos[glyph + 1] > self.face.glyphPos[glyph])
        return has_outline or unicodedata.category(character) == "Zs"


@dataclass(frozen=True)
class FontSet:
    """For each weight the fonts to try, in order."""

    chains: dict[Weight, tuple[EmbeddedFont, ...]]
    _known: dict[tuple[str, Weight], Glyph | None] = field(default_factory=dict, compare=False)

    def glyph(self, character: str, weight: Weight) -> Glyph | None:
        """How this character is drawn in this weight; None when no font has it."""
        key = (character, weight)
        if key not in self._known:
            self._known[key] = self._find(character, weight)
        return self._known[key]

    def _find(self, character: str, weight: Weight) -> Glyph | None:
        for font in self.chains[weight]:
            if font.draws(character):
                return Glyph(font.fontName, font.face.getCharWidth(ord(character)) / 1000)
        return None

    def lost(self, text: str) -> set[str]:
        """The characters of `text` that would not appear on the page."""
        return {one for one in set(text) if not is_printed(one) or self.glyph(one, "regular") is None}

    def runs(self, text: str, weight: Weight) -> list[tuple[str, str]]:
        """`text` cut into (font name, piece); raises LostGlyph rather than dropping a character."""
        named = [(self._font_of(one, weight), one) for one in text]
        return [(font, "".join(one for _, one in piece)) for font, piece in groupby(named, lambda pair: pair[0])]

    def _font_of(self, character: str, weight: Weight) -> str:
        glyph = self.glyph(character, weight)
        if glyph is None:
            raise LostGlyph(character)
        return glyph.font

    def width(self, text: str, weight: Weight, size: float) -> float:
        """The advance of `text` in points; a character without a glyph counts nothing."""
        glyphs = (self.glyph(one, weight) for one in text)
        return size * sum(glyph.advance for glyph in glyphs if glyph)


def turned(bracket: str) -> str:
    """The stand-in that draws the mirrored glyph of `bracket` in right-to-left text and copies as `bracket`."""
    return chr(TURNED + ord(bracket))


def is_printed(character: str) -> bool:
    """Whether the character has a look of its own that needs no shaper we lack."""
    if unicodedata.category(character) in NOT_PRINTED:
        return False
    return not any(first <= ord(character) < end for first, end in UNSHAPED)


@lru_cache(maxsize=8)
def font_set(extra: tuple[Path, ...] = ()) -> FontSet:
    """The vendored DejaVu fonts, then `extra` files (for instance a CJK font); raises FontUnusable."""
    own = {weight: _registered(VENDORED / name, f"Report-{name}") for weight, name in FILES.items()}
    fallback = tuple(_registered(path, _name_of(path)) for path in extra)
    return FontSet({weight: _chain(own, weight, fallback) for weight in FILES})


def _chain(
    own: dict[Weight, EmbeddedFont], weight: Weight, fallback: Iterable[EmbeddedFont]
) -> tuple[EmbeddedFont, ...]:
    first = [own[weight]] if weight != "regular" else []
    return (*first, own["regular"], *fallback)


def _name_of(path: Path) -> str:
    return f"Report-{path.stem}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def _registered(path: Path, name: str) -> EmbeddedFont:
    try:
        font = EmbeddedFont(name, str(path))
    except (TTFError, OSError) as reason:
        raise FontUnusable(f"The font {path} cannot be embedded: {reason}") from reason
    pdfmetrics.registerFont(font)
    return font
