"""What others are told of a case's report: one that waits for its release was not signed for them yet, and a
preliminary one that went back to its author is that for them still.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ris.core import panels
from worklist.models import ReadingTask

TOLD: Final = "report-states-told"
"""The place where reporting says of these cases, as {case: state}, whose report is another for others."""


def told_states(tasks: Iterable[ReadingTask]) -> dict[int, str]:
    """The report's state by the key of each case, as the ward may know it; one question, however many there are."""
    known = {task.pk: task.report_state for task in tasks}
    for waiting in panels.collect(TOLD, sorted(known)) if known else []:
        known |= waiting
    return known
