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
    kept = Artifact.objects.filter(version=version, kind="encapsulated-pdf").first()
    yield from _faults(archive, publication.sop_instance_uid, bytes(kept.body) if kept else b"")
    for copy in publication.copies.filter(stored_at__isnull=False):
        yield from _faults(archive, copy.sop_instance_uid, bytes(copy.body or b""), " in a further study")


def _faults(archive: Archive, sop_uid: str, kept: bytes, which: str = "") -> Iterator[str]:
    where = archive.locate(sop_uid)
    if where is None or not kept:
        yield f"it is called archived, and the archive does not have it{which}"
    elif describe(archive.retrieve(where)) != describe(kept):
        yield f"the archive holds something else under its UID{which}"
