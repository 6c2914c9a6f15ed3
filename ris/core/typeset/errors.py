"""Why a page could not be drawn."""

from __future__ import annotations

from collections.abc import Iterable


class RenderError(Exception):
    """Nothing was drawn or written."""


class LostGlyph(RenderError):
    """No registered font can draw these characters, so the page would silently lose them."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = tuple(sorted(set(characters)))
        named = ", ".join(_named(one) for one in self.characters)
        super().__init__(f"There are characters that cannot be printed: {named}.")


class DoesNotFit(RenderError):
    """A text is too long for its place on the page; it is never cut."""


class FontUnusable(RenderError):
    """A configured font file is missing or has no TrueType outlines."""


def _named(character: str) -> str:
    point = f"U+{ord(character):04X}"
    return f"{character} ({point})" if character.isprintable() else point
