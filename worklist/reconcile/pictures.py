"""A small picture of a series, through us: the archive is never asked by a browser or by a program."""

from __future__ import annotations

from ris.core.errors import NotFound
from ris.core.http import get_or_404
from ris.dicom.archive import get_archive
from worklist.actions.series import movable_series
from worklist.models import Study


def picture_of(study: Study, series_id: int) -> bytes:
    """The middle image of a series, as JPEG. Raises NotFound without images, ArchiveError."""
    one = get_or_404(movable_series(study), series_id)
    archive = get_archive()
    images = [row for row in archive.instances(study.study_instance_uid, one.series_instance_uid) if row.rows]
    if not images:
        raise NotFound("This series has no image.")
    images.sort(key=lambda row: row.number or 0)
    return archive.rendered(images[len(images) // 2].ref)
