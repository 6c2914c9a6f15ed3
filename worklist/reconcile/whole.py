"""What goes to another patient goes whole: nothing of it speaks of what stays."""

from __future__ import annotations

from ris.core.errors import InvalidInput
from ris.dicom.archive.errors import ArchiveError
from worklist.models import Study
from worklist.rehoming.references import look_at_study


def require_whole(study: Study, chosen: list[str]) -> None:
    """What goes may not speak of what stays. The move looks again; an archive that does not answer is asked then."""
    try:
        seen = look_at_study(study.study_instance_uid, chosen)
    except ArchiveError:
        return
    if seen.away:
        words = f"{', '.join(seen.away)}: it speaks of images that stay. Choose those too, or leave it here."
        raise InvalidInput(words, fields={"series": words})
