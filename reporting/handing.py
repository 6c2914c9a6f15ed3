"""A signed PDF on its way out: its bytes are as they were signed, and what stands beside them says how it stands now.

Whoever opens one that counts no more must see it (workflow.md rule 8), and a signature allows no mark on the page: so
the file's name says it, a header for programs, and before a person gets it a page (`reporting:pdf`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from reporting.models import Artifact, ReportVersion
from reporting.printing.actions import COPY, HANDED, UNDER_REVIEW, was_on_paper
from reporting.printing.sheaf import sheaf
from reporting.verifying.asking import word_of
from ris import audit
from ris.accounts.models import User

MARKS: Final = {
    "superseded": "SUPERSEDED",
    "withdrawn": "WITHDRAWN",
    "recalled": "RECALLED",
    "waiting": "NOT RELEASED",
    "doubtful": UNDER_REVIEW,
}
STANDING: Final = "X-Report-Standing"


@dataclass(frozen=True, slots=True)
class Handed:
    """A version's PDF. `standing`: as on its verify page. `copy`: a person got it, or a print of it, before."""

    version: ReportVersion
    body: bytes
    standing: str
    copy: bool

    @property
    def mark(self) -> str:
        """The word for one that does not count, "" for one that does."""
        return MARKS.get(self.standing, "")

    @property
    def is_doubtful(self) -> bool:
        """Whether its page says less than is known of it: a withdrawal's own says what it is."""
        return bool(self.mark) and self.version.kind != "withdrawal"

    def marked(self) -> bytes:
        """Every page with its mark, and no signature: to be read, not to prove anything."""
        return sheaf([(self.body, f"{self.mark} {COPY}".strip())])

    def name(self, stem: str) -> str:
        """Of the file, so that it is seen wherever it is kept."""
        said = [self.mark.replace(" ", "-"), COPY if self.copy else ""]
        return "-".join([stem, f"v{self.version.number}", *filter(None, said)]) + ".pdf"

    def headers(self, stem: str) -> dict[str, str]:
        return {
            "Content-Disposition": f'attachment; filename="{self.name(stem)}"',
            "Cache-Control": "private, no-store",
            STANDING: self.standing,
        }


def handed(version: ReportVersion, *, to_person: bool = False) -> Handed | None:
    """None for a version without a signed PDF. What a program fetches is on no paper."""
    found = Artifact.objects.filter(version=version, kind="pdf").first()
    if found is None:
        return None
    return Handed(version, bytes(found.body), word_of(version), to_person and was_on_paper(version))


def as_it_stands(sop_instance_uid: str, document: bytes) -> bytes:
    """A document of the archive, to be read: of a report of ours that counts no more our own, with its mark."""
    version = version_at(sop_instance_uid)
    paper = handed(version) if version else None
    return paper.marked() if paper and paper.is_doubtful else document


def version_at(sop_instance_uid: str) -> ReportVersion | None:
    """Whose document, or further copy of it, stands in the archive under this number; None for any other object."""
    rows = ReportVersion.objects.select_related("report__task")
    first = rows.filter(publication__sop_instance_uid=sop_instance_uid).first()
    return first or rows.filter(publication__copies__sop_instance_uid=sop_instance_uid).first()


def note_read(version: ReportVersion, *, by: User) -> None:
    """Its document left the archive for `by`, who must hear what becomes of it."""
    report = version.report
    about: dict[str, Any] = {"version": version.number, "out_of_the_archive": True}
    audit.record("report.viewed", report, by=by, patient=report.task.patient_id, **about)


def note_handed(paper: Handed, *, by: User, **about: Any) -> None:
    """Who got it, and what was said of it then; `by_hand`: a person, who may print it."""
    version = paper.version
    patient = version.report.task.patient_id
    said = {"version": version.number, "standing": paper.standing, "copy": paper.copy, **about}
    audit.record(HANDED, version.report, by=by, patient=patient, **said)
