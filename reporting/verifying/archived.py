"""What the archive holds of a version, read back."""

from __future__ import annotations

from collections.abc import Iterator

from reporting.lifecycle import ARCHIVING
from reporting.models import Artifact, Publication, ReportVersion
from ris.dicom.archive import Archive, describe


def archive_faults(version: ReportVersion, archive: Archive) -> Iterator[str]:
    """Of a version that is called archived. Raises ArchiveError when the archive does not answer."""
    publication = Publication.objects.filter(version=version).first()
    if publication is None:
        yield "nothing says whether it is in the archive"
        return
    if not ARCHIVING.within(publication, "done"):
        return
    where = archive.locate(publication.sop_instance_uid)
    kept = Artifact.objects.filter(version=version, kind="encapsulated-pdf").first()
    if where is None or kept is None:
        yield "it is called archived, and the archive does not have it"
    elif describe(archive.retrieve(where)) != describe(bytes(kept.body)):
        yield "the archive holds something else under its UID"
