"""Basic Text SR (PS3.3 §A.35.1, PS3.16 TID 2000): a report in words, shown as plain lines."""

from __future__ import annotations

from reporting.sr.readers.outline import capped, lines
from reporting.sr.readers.sections import sections
from reporting.sr.source import Source, Understood

BASIC_TEXT = "1.2.840.10008.5.1.4.1.1.88.11"
CONTEXT = frozenset({"HAS OBS CONTEXT", "HAS CONCEPT MOD", "HAS ACQ CONTEXT"})


class BasicTextReader:
    name = "basic-text"

    def score(self, source: Source) -> int | None:
        return 80 if source.header.sop_class == BASIC_TEXT else None

    def read(self, source: Source) -> Understood:
        """The sections and their words; who observed whom is in the header, not among the lines."""
        said = (line for child in source.root.children if child.relationship not in CONTEXT for line in lines(child))
        return Understood(groups=tuple(sections(source)), lines=tuple(capped(said, source)))
