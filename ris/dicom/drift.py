"""Whether the archive knows our devices as we do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ris.dicom.modalities import Difference, Entry, differences, entry
from ris.dicom.models import Node


@dataclass(frozen=True, slots=True)
class Drift:
    """`verdict`: same, different, missing, left-over (it should not be there), not-kept (nor should it)."""

    verdict: str
    differences: tuple[Difference, ...] = ()

    @property
    def wrong(self) -> bool:
        return self.verdict in {"different", "missing", "left-over"}


def is_kept(node: Node) -> bool:
    """Whether the archive is to know it: a modality that is in use."""
    return node.active and node.kind == "modality"


def entry_of(node: Node) -> Entry:
    return entry(node.ae_title, node.host, node.port, secured=node.tls)


def drift_of(node: Node, book: Mapping[str, Entry]) -> Drift:
    """Compare one device with the archive's list."""
    theirs = book.get(node.ae_title)
    if not is_kept(node):
        return Drift("not-kept" if theirs is None else "left-over")
    if theirs is None:
        return Drift("missing")
    found = tuple(differences(entry_of(node), theirs))
    return Drift("different" if found else "same", found)
