"""Whether what was written is about the images that are there now."""

from __future__ import annotations

from reporting.models import Report


def written_before_closing(report: Report) -> bool:
    """Images of another patient stood under this case when the text was last saved (workflow.md rule 3)."""
    closed_at = report.task.images_closed_at
    if report.task.held:
        return True
    if closed_at is None:
        return False
    return report.saved_at is None or report.saved_at <= closed_at
