"""No character may silently vanish from a page: every text is checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from ris.core.typeset.errors import LostGlyph
from ris.core.typeset.fonts import FontSet
from ris.core.typeset.writing import drawn_characters


def refuse_lost_glyphs(content: object, fonts: FontSet) -> None:
    """Raise LostGlyph with every character of the content that no font can draw."""
    lost = {one for text in texts(content) for one in fonts.lost("".join(drawn_characters(text)))}
    if lost:
        raise LostGlyph(lost)


def texts(thing: object) -> Iterator[str]:
    """Every string inside nested frozen content, whatever fields it has or will have."""
    if isinstance(thing, str):
        yield str(thing)
    elif isinstance(thing, tuple):
        for one in thing:
            yield from texts(one)
    elif isinstance(thing, Mapping):
        for one in thing.values():
            yield from texts(one)
    elif is_dataclass(thing):
        for one in fields(thing):
            yield from texts(getattr(thing, one.name))
