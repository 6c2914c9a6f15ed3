"""All that can be wrong with one report, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reporting.models import Report
from reporting.verifying.archived import archive_faults
from reporting.verifying.chain import chain_faults
from reporting.verifying.papers import paper_faults
from ris.dicom.archive import Archive


@dataclass(frozen=True, slots=True)
class Depth:
    """Against which authorities (PEM) signatures are judged; `archive`: read the objects back, too."""

    trust_pem: bytes
    archive: Archive | None = None


def faults_of(report: Report, depth: Depth) -> Iterator[str]:
    """Nothing when the report is what was signed. Raises ArchiveError when the archive was to be asked and is away."""
    versions = list(report.versions.order_by("number"))
    yield from chain_faults(report, versions)
    for version in versions:
        yield from (f"version {version.number}: {words}" for words in paper_faults(version, depth.trust_pem))
        if depth.archive is not None:
            yield from (f"version {version.number}: {words}" for words in archive_faults(version, depth.archive))
