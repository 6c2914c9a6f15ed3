"""Key Object Selections (PS3.3 §A.35.4, PS3.16 TID 2010): which images somebody pointed out, why, in which words."""

from __future__ import annotations

from collections.abc import Iterator

from reporting.sr.codes import Code
from reporting.sr.document import Evaluation, Group
from reporting.sr.limits import MAX_LINE_LENGTH
from reporting.sr.source import Source, Understood

KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"  # here, as readers know nothing of the RIS
DESCRIPTION = Code("DCM", "113012", "Key Object Description")
REASONS = frozenset({Code("DCM", "113011", "Document Title Modifier")})
POINTERS = frozenset({"IMAGE", "COMPOSITE", "WAVEFORM"})


class KeyObjectReader:
    name = "key-objects"

    def score(self, source: Source) -> int | None:
        return 100 if source.header.sop_class == KEY_OBJECTS else None

    def read(self, source: Source) -> Understood:
        """One group without numbers for each object pointed at; the description as lines of plain text."""
        description = source.root.find(DESCRIPTION)
        said = description.text if description else ""
        return Understood(
            groups=tuple(_groups(source, said)),
            lines=tuple(line[:MAX_LINE_LENGTH] for line in said.splitlines()),
        )


def _groups(source: Source, label: str) -> Iterator[Group]:
    why = tuple(
        Evaluation(child.name, child.code.name or child.code.value, child.code)
        for child in source.root.children
        if child.code is not None and child.name in REASONS
    )
    for node in source.root.walk():
        if node.value_type in POINTERS and node.reference is not None:
            yield Group(
                title=source.root.title, tool="KeyImage", label=label, evaluations=why, reference=node.reference
            )
