"""How the values of an entry are written for one device: its character set, its lengths, its transfer syntax. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from worklist.mwl.attributes import Attribute
from worklist.mwl.charset import UTF8, fit, holds, is_known, terms

# PS3.5 Table 6.2-1, in characters (a person name: per component group).
LENGTHS: Final = {"AE": 16, "CS": 16, "SH": 16, "LO": 64, "PN": 64, "ST": 1024, "LT": 10240, "UI": 64}
# Control characters that may not stand in a value (PS3.5 6.1.3): only texts of several lines have their line ends.
LINES: Final = frozenset({"ST", "LT", "UT"})
ONE_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
MANY_LINES: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]+")
TEXTS: Final = frozenset({"SH", "LO", "ST", "LT", "PN", "UC", "UT"})


class IncompleteEntryError(ValueError):
    """An entry lacks an attribute that a response may not leave empty; names the attribute, never a value."""

    def __init__(self, keyword: str) -> None:
        super().__init__(f"{keyword} is type 1 and unknown or too long")
        self.keyword = keyword


@dataclass(frozen=True)
class Style:
    """What a device's profile asks of each text. `implicit`: Implicit VR Little Endian, else Explicit."""

    charset: tuple[str, ...] = (UTF8,)
    transliterate: bool = True
    max_lengths: Mapping[str, int] = field(default_factory=dict, hash=False)
    implicit: bool = True

    @classmethod
    def of(cls, charset: str, *, transliterate: bool, max_lengths: Mapping[str, int], implicit: bool) -> Style:
        """From a profile; a character set that nobody knows is UTF-8 (the admin refuses one, an import may not)."""
        wanted = terms(charset)
        return cls(wanted if is_known(wanted) else (UTF8,), transliterate, max_lengths, implicit)


def written(attribute: Attribute, known: str | tuple[str, ...], style: Style) -> tuple[str, ...]:
    """The values of one attribute as the device can read them; () for an unknown one.

    Raises IncompleteEntryError when an identifier does not fit: it is never shortened or changed.
    """
    values = known if isinstance(known, tuple) else (known,) if known else ()
    return tuple(_text(attribute, value, style) for value in values)


def _text(attribute: Attribute, known: str, style: Style) -> str:
    length = _length(attribute, style)
    if attribute.vr == "PN":
        return _name(ONE_LINE.sub(" ", known).replace("\\", "/"), length, style)
    if attribute.vr not in TEXTS:
        return _kept(attribute, known, known, length)
    plain = MANY_LINES.sub(" ", known) if attribute.vr in LINES else ONE_LINE.sub(" ", known)
    plain = plain.replace("\\", "/") if attribute.vr in {"SH", "LO"} else plain
    text = fit(plain, style.charset, transliterate=style.transliterate)
    return _kept(attribute, known, text, length) if attribute.identifies else cut(text, length)


def _kept(attribute: Attribute, known: str, text: str, length: int) -> str:
    if attribute.identifies and (len(text) > length or text != known):
        raise IncompleteEntryError(attribute.keyword)
    return text


def _length(attribute: Attribute, style: Style) -> int:
    allowed = LENGTHS.get(attribute.vr, 10_240)
    return min(allowed, style.max_lengths.get(attribute.keyword, allowed))


def _name(name: str, length: int, style: Style) -> str:
    """Each component group for itself; an ideographic or phonetic group that would lose a glyph is left out."""
    alphabetic, *others = name.split("=")
    fitted = fit(alphabetic, style.charset, transliterate=style.transliterate)
    groups = [fitted, *(group if holds(group, style.charset) else "" for group in others)]
    return "=".join(cut_group(group, length) for group in groups).rstrip("=")


def cut_group(group: str, length: int) -> str:
    """Suffix, title and middle name go first and go whole; only a family and a given name are shortened themselves."""
    parts = group.split("^")
    while len(parts) > 2 and len("^".join(parts)) > length:
        parts.pop()
    family, given = parts[0], "^".join(parts[1:])
    if len("^".join(parts)) <= length:
        return "^".join(parts).rstrip("^")
    family = cut(family, length)
    rest = cut(given, length - len(family) - 1)
    return f"{family}^{rest}" if rest else family


def cut(text: str, length: int) -> str:
    """At most `length` characters, and never between a letter and the marks on it."""
    if len(text) <= length:
        return text
    end = max(length, 0)
    while end and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].rstrip()
