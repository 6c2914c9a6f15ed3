"""A worklist entry as the dataset of one pending response (PS3.4 K.4.1.1.3.2, return key types of K.2.2.1.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pydicom.dataset import Dataset

from worklist.mwl.attributes import Attribute
from worklist.mwl.charset import ASCII_TERMS, LOST, fit
from worklist.mwl.entry import WorklistEntry
from worklist.mwl.query import Key, MwlQuery

# PS3.5 Table 6.2-1, in characters (a person name: per component group).
LENGTHS: Final = {"AE": 16, "CS": 16, "SH": 16, "LO": 64, "PN": 64, "ST": 1024, "LT": 10240, "UI": 64}
TEXTS: Final = frozenset({"SH", "LO", "ST", "LT", "PN", "UC", "UT"})


class IncompleteEntryError(ValueError):
    """An entry lacks an attribute that a response may not leave empty; names the attribute, never a value."""

    def __init__(self, keyword: str) -> None:
        super().__init__(f"{keyword} is type 1 and unknown or too long")
        self.keyword = keyword


def respond(entry: WorklistEntry, query: MwlQuery, charset: tuple[str, ...]) -> Dataset:
    """The keys that were asked, and only they, in `charset`.

    Raises IncompleteEntryError when a type 1 value is missing.
    """
    dataset = _item(entry, query.keys, charset)
    if set(charset) - ASCII_TERMS:
        dataset.SpecificCharacterSet = list(charset) if len(charset) > 1 else charset[0]
    return dataset


def _item(source: object, keys: tuple[Key, ...], charset: tuple[str, ...]) -> Dataset:
    dataset = Dataset()
    for key in keys:
        _add(dataset, key, source, charset)
    return dataset


def _add(dataset: Dataset, key: Key, source: object, charset: tuple[str, ...]) -> None:
    """One attribute: type 1 must be there, an unknown 1C is left out, an unknown 2, 2C or 3 is empty."""
    attribute = key.attribute
    known = getattr(source, attribute.source)
    value = _items(known, key, charset) if attribute.items else _value(attribute, known, charset)
    if value:
        dataset.add_new(attribute.tag, attribute.vr, value)
    elif attribute.returned == "1":
        raise IncompleteEntryError(attribute.keyword)
    elif attribute.returned != "1C":
        dataset.add_new(attribute.tag, attribute.vr, [] if attribute.items else None)


def _items(known: Iterable[object], key: Key, charset: tuple[str, ...]) -> list[Dataset]:
    return [_item(part, key.keys, charset) for part in known]


def _value(attribute: Attribute, known: str | tuple[str, ...], charset: tuple[str, ...]) -> str | int | list[str]:
    if isinstance(known, tuple):
        return [_text(attribute, part, charset) for part in known]
    if attribute.vr == "US":
        return int(known or 0)
    return _text(attribute, known, charset)


def _text(attribute: Attribute, known: str, charset: tuple[str, ...]) -> str:
    """In the device's character set and within the VR's length; an identifier is never shortened or changed."""
    if attribute.vr == "PN":
        return _name(known, charset)
    text = fit(known.replace("\\", "/") if attribute.vr in {"SH", "LO"} else known, charset)
    length = LENGTHS.get(attribute.vr, len(text))
    if attribute.identifies and (len(text) > length or text != known):
        raise IncompleteEntryError(attribute.keyword)
    return text[:length].rstrip() if attribute.vr in TEXTS else text


def _name(name: str, charset: tuple[str, ...]) -> str:
    """Each component group for itself; an ideographic or phonetic group that would lose a glyph is left out."""
    alphabetic, *others = (fit(group, charset)[: LENGTHS["PN"]] for group in name.split("="))
    kept = [group if LOST not in group else "" for group in others]
    return "=".join([alphabetic, *kept]).rstrip("=")
