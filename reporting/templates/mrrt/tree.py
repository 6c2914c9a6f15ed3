"""A small tolerant tree of HTML, with limits. Entities of documents, scripts and styles mean nothing here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from reporting.templates.mrrt.errors import MrrtRefused

LARGEST = 1_000_000
DEEPEST = 60
MOST = 20_000
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
CLOSES = {
    "option": {"option"},
    "p": {"p"},
    "li": {"li"},
    "tr": {"tr", "td", "th"},
    "td": {"td", "th"},
    "th": {"td", "th"},
}


@dataclass(slots=True)
class Node:
    """An element with its attributes in small letters; `parts` are elements and texts in order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[Node | str] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def children(self) -> list[Node]:
        return [part for part in self.parts if isinstance(part, Node)]

    def walk(self) -> Iterator[Node]:
        """All elements below, in the order of the document."""
        todo = self.children[::-1]
        while todo:
            node = todo.pop()
            yield node
            todo += node.children[::-1]

    def first(self, name: str) -> Node | None:
        return next((node for node in self.walk() if node.name == name), None)

    @property
    def text(self) -> str:
        """All text within, as it stands."""
        found: list[str] = []
        todo: list[Node | str] = self.parts[::-1]
        while todo:
            part = todo.pop()
            if isinstance(part, str):
                found.append(part)
            else:
                todo += part.parts[::-1]
        return "".join(found)


def parse(markup: str) -> Node:
    """The document; raises MrrtRefused when it is too large, too deep, or no HTML."""
    if len(markup) > LARGEST:
        raise MrrtRefused(f"The file is larger than {LARGEST // 1000} kB.")
    builder = _Builder()
    try:
        builder.feed(markup)
        builder.close()
    except AssertionError as error:  # Python's way to say it
        raise MrrtRefused("There is a mark in it that begins with “<![” and that HTML does not have.") from error
    return builder.root


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("document")
        self.open = [self.root]
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self.open[-1].name in CLOSES.get(tag, ()):
            self.open.pop()
        node = self._add(tag, attrs)
        if tag not in VOID:
            self.open.append(node)
            if len(self.open) > DEEPEST:
                raise MrrtRefused(f"The file nests elements more than {DEEPEST} deep.")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> Node:
        self.count += 1
        if self.count > MOST:
            raise MrrtRefused(f"The file has more than {MOST} elements.")
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(node)
        return node

    def handle_endtag(self, tag: str) -> None:
        """Closes the nearest open element of this name; an end without a beginning is passed over."""
        for at in range(len(self.open) - 1, 0, -1):
            if self.open[at].name == tag:
                del self.open[at:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)
