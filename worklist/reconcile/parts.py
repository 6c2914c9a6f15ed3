"""Of a study whose series were given to two exams each exam counts its own."""

from __future__ import annotations

from worklist.models import ReadingTask, Study
from worklist.reading.facets import NO_IMAGES, images_of


def images_in(task: ReadingTask, study: Study) -> int:
    """Images of the study that belong to the case: of a split one the series that it was given, or those left over."""
    links = list(study.links.filter(active=True).values_list("requested_procedure_id", "series"))
    if not any(series for _requested, series in links):
        return images_of(study)
    mine = set(task.requested_procedures.values_list("pk", flat=True))
    given = {uid for requested, series in links if requested in mine for uid in series}
    others = {uid for requested, series in links if requested not in mine for uid in series}
    rows = study.received_series.exclude(modality__in=NO_IMAGES)
    whole = any(requested in mine and not series for requested, series in links)
    rows = rows.exclude(series_instance_uid__in=others) if whole else rows.filter(series_instance_uid__in=given)
    return sum(rows.values_list("images", flat=True))
