"""Which preliminary version a final signature confirms, and what its signer must say of it."""

from __future__ import annotations

from reporting.actions.critical import flag
from reporting.confirming.differences import Difference, differences
from reporting.confirming.record import GRADES, Agreement
from reporting.document import draft_said, said_of
from reporting.models import Report, ReportVersion
from ris.accounts.models import User
from ris.core.errors import InvalidInput
from ris.core.texts import UNSTORABLE
from worklist.actions.wet_reads import grade_wet_read, require_wet_grade, to_grade
from worklist.models import ReadingTask
from worklist.reading.wet import WetRead

MAJOR = "major"
NEWER = "There is a newer wet read of this case. Load the case anew and read it, then say how far you agree."
LONGEST_NAME = 120


def to_confirm(report: Report, by: User) -> ReportVersion | None:
    """The last preliminary version of another person that no final version in force has graded.

    One's own need no grade, and take none away: whoever signs preliminary over another's still answers for what was
    told before.
    """
    graded = Agreement.objects.filter(version__recall__isnull=True).values("preliminary")
    others = report.versions.in_force().filter(kind="preliminary").exclude(signature__signer_id=str(by.pk))
    return others.exclude(pk__in=graded).order_by("-number").first()


def changed_since(report: Report, preliminary: ReportVersion) -> list[Difference]:
    """What the draft says now and the preliminary version did not."""
    return differences(said_of(preliminary.content), draft_said(report))


def require_grade(report: Report, grade: str, by: User) -> ReportVersion | None:
    """Raise InvalidInput unless the signer graded the preliminary version that this confirms."""
    preliminary = to_confirm(report, by)
    if preliminary is None:
        return None
    if grade not in dict(GRADES):
        words = f"Say how far you agree with {preliminary.content['signer']['name']}'s preliminary report."
        raise InvalidInput(words, fields={"grade": "Choose one."})
    if grade == "none" and changed_since(report, preliminary):
        raise InvalidInput("The text is different from the preliminary one.", fields={"grade": "Minor or major?"})
    return preliminary


def keep_grade(version: ReportVersion, preliminary: ReportVersion, grade: str, by: User) -> None:
    """Part of the signing transaction; a major difference must be told to whoever asked for the exam."""
    Agreement.objects.create(version=version, preliminary=preliminary, grade=grade)
    if grade == MAJOR:
        recipient = _person(version.content["exam"]["referrer"]) or "Whoever acted on the preliminary report"
        finding = f"The final report differs from the preliminary one of {preliminary.content['signer']['name']}."
        flag(version.report.task, category=1, finding=finding, recipient=recipient, by=by)


def require_wet_read(task: ReadingTask, grade: str, shown: int | None, by: User) -> WetRead:
    """The wet read that is graded, which must be the one that was `shown` to the signer. Raises InvalidInput."""
    require_wet_grade(grade)
    found = to_grade(task, by)
    if found is None:
        raise InvalidInput("There is no wet read of another reader to grade.", fields={"wet_grade": "Leave it out."})
    if shown is None:
        raise InvalidInput("Say which wet read is graded.", fields={"wet_grade": "Leave it out, or name its wet read."})
    if found.pk != shown:
        raise InvalidInput(NEWER, fields={"wet_grade": "Read it first."})
    return found


def keep_wet_grade(version: ReportVersion, grade: str, shown: int | None, by: User) -> None:
    """Part of the signing transaction; of a major difference whoever was told the wet read must be told."""
    task = version.report.task
    found = require_wet_read(task, grade, shown, by)
    grade_wet_read(found, grade, version=version.pk, by=by)
    if grade == MAJOR:
        finding = f"The final report differs from the wet read of {found.reader.display}."
        flag(task, category=1, finding=finding, recipient=found.told_to, by=by)


def _person(name: str) -> str:
    """As much of a name as a finding holds: no signature waits for a long one. The order has the whole."""
    return " ".join(UNSTORABLE.sub(" ", name).split())[:LONGEST_NAME].strip()
