"""Is the paper in my hand still the report? Asked by the code on it, answered without a name or a word of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from reporting.lifecycle import REPORT
from reporting.models import ReportVersion
from reporting.moved.reading import without_their_images

CODE = re.compile(r"([0-9]{1,18})-([0-9]{1,6})-([0-9a-f]{24})")
DIGITS = 24
WORDS = ("current", "superseded", "waiting", "recalled", "withdrawn", "doubtful")


@dataclass(frozen=True, slots=True)
class Standing:
    """`word`: one of WORDS; `number` and `kind` are those of the paper."""

    word: str
    number: int
    kind: str
    fingerprint: str


def verify_url(report_id: int, number: int, sha256: str) -> str:
    """Where the code on a version's PDF leads. Who has not seen the content cannot guess its hash."""
    path = reverse("reporting:verify", args=[f"{report_id}-{number}-{sha256[:DIGITS]}"])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def standing_of(code: str) -> Standing | None:
    """None for a code of no version of ours."""
    said = CODE.fullmatch(code)
    if said is None:
        return None
    rows = ReportVersion.objects.filter(report=int(said[1]), number=int(said[2]))
    version = rows.select_related("report").first()
    if version is None or version.content_sha256[:DIGITS] != said[3]:
        return None
    return Standing(word_of(version), version.number, version.get_kind_display(), version.content_sha256)


def word_of(version: ReportVersion) -> str:
    """How a version stands now: one of WORDS. The newest is doubtful when images of its exam were moved away since."""
    if REPORT.within(version.report, "withdrawn"):
        return "withdrawn"
    if hasattr(version, "recall"):
        return "recalled"
    if version.number == version.report.held_number:
        return "waiting"
    newer = ReportVersion.objects.have_left().filter(report=version.report_id, number__gt=version.number)
    if newer.exists():
        return "superseded"
    return "doubtful" if without_their_images([version.report]) else "current"
