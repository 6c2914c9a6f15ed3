"""What is different between a page and the draft as it is saved, section by section and field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reporting.confirming.differences import Piece, pieces
from reporting.entries import label_of
from reporting.fieldset import shown_fields
from reporting.models import Report


@dataclass(frozen=True, slots=True)
class Texts:
    """A section in both. `pieces`: what went from the saved and what came in the page's; `joined`: to begin with."""

    key: str
    title: str
    mine: str
    saved: str
    joined: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A field that the page touched and that was saved with something else. `raw`: what the saved one's input holds."""

    key: str
    label: str
    mine: str
    saved: str
    raw: str
    unit: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A box that is ticked in one of the two: the one called `name` with this `value`."""

    name: str
    value: str
    label: str
    saved: bool


def texts_of(report: Report, mine: Mapping[str, str], base: Mapping[str, str]) -> list[Texts]:
    """Each section that says something else here and there; `base` is what the page began from."""
    saved = report.content["sections"]
    rows = [(section["key"], section["title"], saved.get(section["key"], "")) for section in report.sections]
    return pairs(rows, mine, base)


def pairs(saved: Iterable[tuple[str, str, str]], mine: Mapping[str, str], base: Mapping[str, str]) -> list[Texts]:
    """Of texts that were saved (key, title, text) those that the page has otherwise."""
    found = []
    for key, title, theirs in saved:
        ours = _plain(mine.get(key, theirs))
        if ours == theirs:
            continue
        joined = joined_of(ours, theirs, base=_plain(base[key]) if key in base else None)
        found.append(Texts(key, title, ours, theirs, joined, tuple(pieces(theirs, ours))))
    return found


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def joined_of(mine: str, saved: str, *, base: str | None = None) -> str:
    """The one that was changed; where both were, the longer if it holds the other, else one under the other."""
    if base is not None and mine == base:
        return saved
    if base is not None and saved == base:
        return mine
    if mine.strip() in saved:
        return saved
    return mine if saved.strip() in mine else f"{saved.rstrip()}\n{mine.lstrip()}"


def fields_in_both(report: Report, mine: Mapping[str, str]) -> list[Fields]:
    """Touched fields whose saved value is another one than the page's."""
    return differing(shown_fields(report), {key: label_of(report, key) for key in mine}, mine)


def differing(
    shown: Mapping[str, Mapping[str, str]], labels: Mapping[str, str], mine: Mapping[str, str]
) -> list[Fields]:
    return [
        Fields(key, labels[key], text, shown[key]["text"], shown[key]["raw"], shown[key]["unit"])
        for key, text in mine.items()
        if key in shown and text.strip() not in (shown[key]["raw"], shown[key]["text"])
    ]
