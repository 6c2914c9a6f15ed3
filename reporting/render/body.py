"""What the report says: the examination, the sections, the measurements."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from reportlab.platypus import Spacer, Table

from reporting.render.content import Fact, MeasurementRow, ReportContent, Section
from reporting.render.pictures import pictures
from reporting.render.words import Words, words
from ris.core.typeset.blocks import (
    ACCENT,
    BODY,
    FINE,
    HAIRLINE,
    HEADING,
    INK,
    LABEL,
    STRONG,
    TIGHT,
    VALUE,
    Ink,
    TextBlock,
    stacked,
)
from ris.core.typeset.fonts import FontSet

TITLE = Ink(15, 20, INK, "bold")
KIND = Ink(9, 13, ACCENT, "bold")
MEASUREMENT_COLUMNS = (0.36, 0.22, 0.42)
COMPARED_COLUMNS = (0.29, 0.17, 0.18, 0.36)
FACT_COLUMNS = (0.36, 0.64)
GUTTER = 10.0
LINES_IN_ROW = 12
MEASUREMENT_STYLE = [
    ("LINEABOVE", (0, 1), (-1, 1), 0.8, ACCENT),
    ("RIGHTPADDING", (0, 0), (-1, -1), GUTTER),
    ("TOPPADDING", (0, 0), (-1, -1), 3.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
]


def body(content: ReportContent, fonts: FontSet, width: float) -> list[Any]:
    """Title, examination, sections and measurements as flowables, in reading order."""
    labels = words(content.language)
    question = Section(labels.question, content.exam.clinical_question)
    asked = [question] if question.text else []
    flow = [_title(content, labels, fonts, width), Spacer(0, 8), _exam(content, labels, fonts, width)]
    for section in [*asked, *content.sections]:
        flow += _section(section, fonts, width)
    if content.measurements:
        flow += [*_heading(labels.measurements, fonts), _measurements(content.measurements, labels, fonts, width)]
    if content.key_images:
        flow += [*_heading(labels.key_images, fonts), *pictures(content.key_images, fonts, width)]
    return flow


def _title(content: ReportContent, labels: Words, fonts: FontSet, width: float) -> Table:
    kind = f"{labels.kinds[content.kind]} · {labels.version} {content.version_number}"
    cells = [[TextBlock(labels.report, TITLE, fonts), TextBlock(kind, KIND, fonts, align="right")]]
    return Table(cells, colWidths=[width * 0.5] * 2, style=[*TIGHT, ("VALIGN", (0, 0), (-1, -1), "BOTTOM")])


def _exam(content: ReportContent, labels: Words, fonts: FontSet, width: float) -> Table:
    exam = content.exam
    day = exam.study_date.isoformat() if exam.study_date else ""
    urgency = labels.priorities.get(exam.priority, exam.priority)
    cells = [
        [stacked(labels.procedure, "\n".join(exam.procedures), fonts, STRONG), stacked(labels.study_date, day, fonts)],
        [stacked(labels.referrer, exam.referrer, fonts), stacked(labels.priority, urgency, fonts)],
    ]
    style = [*TIGHT, ("BOTTOMPADDING", (0, 0), (-1, -1), 5), ("RIGHTPADDING", (0, 0), (0, -1), 12)]
    return Table(cells, colWidths=[width * 0.64, width * 0.36], style=style)


def _heading(title: str, fonts: FontSet) -> list[Any]:
    heading = TextBlock(title, HEADING, fonts)
    heading.keepWithNext = True
    return [Spacer(0, 9), heading]


def _section(section: Section, fonts: FontSet, width: float) -> list[Any]:
    text = [TextBlock(section.text.strip("\n"), BODY, fonts)] if section.text.strip() else []
    facts = [Spacer(0, 2), _facts(section.facts, fonts, width)] if section.facts else []
    return [*_heading(section.title, fonts), Spacer(0, 1), *text, *facts]


def _facts(facts: tuple[Fact, ...], fonts: FontSet, width: float) -> Table:
    """The section's fields in two columns; a long one goes over several rows and pages."""
    widths = [width * share for share in FACT_COLUMNS]
    cells: list[list[Any]] = []
    for fact in facts:
        cells += _cut([TextBlock(fact.label, VALUE, fonts), TextBlock(fact.text, STRONG, fonts)], widths)
    return Table(cells, colWidths=widths, style=[*TIGHT, ("RIGHTPADDING", (0, 0), (0, -1), GUTTER)])


def _measurements(rows: tuple[MeasurementRow, ...], labels: Words, fonts: FontSet, width: float) -> Table:
    """The head is repeated on each page; a text of many lines goes over several rows without a line between."""
    compared = any(row.prior for row in rows)
    widths = [width * share for share in (COMPARED_COLUMNS if compared else MEASUREMENT_COLUMNS)]
    heads = [labels.measurement, labels.value, *([labels.prior] if compared else []), labels.source]
    cells = [[TextBlock(text, LABEL, fonts) for text in heads]]
    style = [*TIGHT, *MEASUREMENT_STYLE]
    for row in rows:
        cells += _cut(_measurement(row, fonts, compared=compared), widths)
        style.append(("LINEBELOW", (0, len(cells) - 1), (-1, len(cells) - 1), 0.5, HAIRLINE))
    return Table(cells, colWidths=widths, repeatRows=1, style=style)


def _cut(blocks: list[TextBlock], widths: list[float]) -> list[list[Any]]:
    pieces = [block.pieces(width - GUTTER, LINES_IN_ROW) for block, width in zip(blocks, widths, strict=True)]
    return [list(row) for row in zip_longest(*pieces)]


def _measurement(row: MeasurementRow, fonts: FontSet, *, compared: bool) -> list[TextBlock]:
    source = row.provenance
    who = " · ".join(part for part in (source.tool, source.observer) if part)
    where = " · ".join(part for part in (source.time, source.image) if part)
    value = f"{row.value}\u00a0{row.unit}" if row.unit else row.value
    provenance = "\n".join(part for part in (who, where, source.note) if part)
    earlier = [TextBlock(_earlier(row), VALUE, fonts)] if compared else []
    named = [TextBlock(row.label, VALUE, fonts), TextBlock(value, STRONG, fonts)]
    return [*named, *earlier, TextBlock(provenance, FINE, fonts)]


def _earlier(row: MeasurementRow) -> str:
    """The number before, what became of it since, and of which day it is."""
    if row.prior is None:
        return "\u2013"
    return "\n".join(part for part in (row.prior.value, row.prior.change, row.prior.day) if part)
