from __future__ import annotations


class MrrtRefused(Exception):
    """The file is no template that can be read; `faults` are sentences for the person who chose it."""

    def __init__(self, *faults: str) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults
