"""Printing: draw first, then write down what was printed, so that nothing counts as printed that was not drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, InvalidInput
from ris.core.typeset.errors import RenderError
from ris.core.typeset.fonts import font_set
from ris.events import emit
from ris.printing import permissions
from ris.printing.contents import Content, Paper, stationery_of
from ris.printing.models import LABEL_MEDIA, Print
from ris.printing.papers import Band, Slip, Tag, label_roll, label_sheets, slips, wristbands

TRIES = 5
MOST = 300


@dataclass(frozen=True, slots=True)
class Medium:
    """Where labels go: a roll or sheets, of which the first `used` places are empty. Empty: as the site has it."""

    labels: str = ""
    used: int = 0


def print_papers(papers: Sequence[Paper], *, site: Site, by: Actor, medium: Medium | None = None) -> bytes:
    """The PDF of papers of one kind at one site; whatever was printed before says COPY and which.

    Raises NotPermitted, and InvalidInput when there is nothing to print or something of it cannot be drawn.
    """
    permissions.require_print(by, site.pk)
    if not 0 < len(papers) <= MOST:
        raise InvalidInput(f"Choose what to print: 1 to {MOST} papers at a time.")
    for _ in range(TRIES):
        numbered = _numbered(papers)
        pdf = _drawn(numbered, site, medium or Medium())
        try:
            _note(numbered, site, by)
        except IntegrityError:  # somebody printed the same at this moment: ours is the next copy
            continue
        return pdf
    raise ConcurrentUpdateError("Others are printing the same papers at this moment. Try again.")


def _numbered(papers: Sequence[Paper]) -> list[tuple[Paper, int]]:
    """Each paper with the number of its copy."""
    prints = [paper.fingerprint for paper in papers]
    before = Print.objects.filter(fingerprint__in=prints).values_list("fingerprint", "copy")
    last: dict[str, int] = {}
    for fingerprint, copy in [*before]:
        last[fingerprint] = max(copy, last.get(fingerprint, copy))
    found = []
    for paper, fingerprint in zip(papers, prints, strict=True):
        last[fingerprint] = last.get(fingerprint, -1) + 1
        found.append((paper, last[fingerprint]))
    return found


def _drawn(numbered: list[tuple[Paper, int]], site: Site, medium: Medium) -> bytes:
    contents = [replace(paper.content, copy=copy) for paper, copy in numbered]
    try:
        return draw(numbered[0][0].kind, contents, site, medium)
    except RenderError as problem:
        raise InvalidInput(f"Nothing was printed. {problem} {_culprit(numbered, site, medium)}".strip()) from None


def _culprit(numbered: list[tuple[Paper, int]], site: Site, medium: Medium) -> str:
    """Which of several papers it is, by its order."""
    if len(numbered) == 1:
        return ""
    for paper, copy in numbered:
        try:
            draw(paper.kind, [replace(paper.content, copy=copy)], site, medium)
        except RenderError:
            whose = f"{paper.content.person.name}, order {paper.order.filler_number}"
            return f"It is a paper of {whose}: leave it out, or correct it."
    return ""


def draw(kind: str, contents: Sequence[Content], site: Site, medium: Medium) -> bytes:
    """The PDF; raises RenderError."""
    paper, fonts = stationery_of(site), font_set(settings.PRINT_FONTS)
    if kind == "slip":
        return slips([one for one in contents if isinstance(one, Slip)], paper.slip_size, fonts)
    if kind == "wristband":
        return wristbands([one for one in contents if isinstance(one, Band)], fonts)
    tags = [one for one in contents if isinstance(one, Tag)]
    chosen = medium.labels if medium.labels in dict(LABEL_MEDIA) else paper.label_medium
    if chosen == "sheet":
        return label_sheets(tags, fonts, used=medium.used)
    return label_roll(tags, (paper.label_width_mm, paper.label_height_mm), fonts)


@transaction.atomic
def _note(numbered: list[tuple[Paper, int]], site: Site, by: Actor) -> None:
    for paper, copy in numbered:
        row = Print.objects.create(
            site=site, kind=paper.kind, order=paper.order, patient=paper.order.patient, fingerprint=paper.fingerprint,
            copy=copy, printed_at=timezone.now(), printed_by_id=str(by.id), printed_by_name=by.display[:160],
        )  # fmt: skip
        audit.record("paper.printed", row, by=by, kind=row.kind, order=paper.order.pk, copy=copy)
        emit("paper.printed", row, by=by)
