"""What its reader has written of a case so far: reporting says it, whoever takes the case over reads it first."""

from __future__ import annotations

from typing import Final

from ris.core import panels
from worklist.models import ReadingTask

WRITTEN: Final = "case-written"
"""The place where reporting gives the sections of a case's draft: (title, text)."""


def written(task: ReadingTask) -> list[tuple[str, str]]:
    return [(title, text) for title, text in panels.collect(WRITTEN, task) if text.strip()]
