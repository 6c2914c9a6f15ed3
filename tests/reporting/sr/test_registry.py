"""Readers may decline; the best that does not is taken."""

from __future__ import annotations

import pytest

from reporting.sr import read
from reporting.sr.content import Node
from reporting.sr.document import Header
from reporting.sr.registry import READERS, choose
from reporting.sr.source import Problems, Source, Understood
from tests.reporting.sr import builders as b
from tests.reporting.sr.hostile import file, flat, root

EMPTY = Source(Header(), Node("", "CONTAINER", None), {}, Problems())


class Eager:
    name = "eager"

    def __init__(self, points: int | None) -> None:
        self.points = points

    def score(self, source: Source) -> int | None:
        return self.points

    def read(self, source: Source) -> Understood:
        return Understood(lines=(source.root.title,))


def test_the_highest_score_reads_and_a_decliner_never() -> None:
    best, declined = Eager(7), Eager(None)

    assert choose(EMPTY, (*READERS, declined, best, Eager(3))) is best


def test_some_reader_takes_every_report() -> None:
    assert choose(EMPTY).name == "outline"


@pytest.mark.parametrize(
    ("part10", "reader"),
    [
        (b.ohif_sr(), "measurement-report"),
        (file(root(flat(1), sop_class=b.BASIC_TEXT_SR)), "basic-text"),
        (file(root(flat(1))), "outline"),
    ],
)
def test_each_kind_of_report_finds_its_reader(part10: bytes, reader: str) -> None:
    assert read(part10).reader == reader


def test_measurement_groups_are_read_under_any_title() -> None:
    dataset = b.ohif_dataset(b.length(5.0, [10, 20, 16, 25]))
    dataset.ConceptNameCodeSequence = [b.concept(("18748-4", "LN", "Diagnostic imaging study"))]
    del dataset.ContentTemplateSequence

    document = read(b.part10(dataset))

    assert (document.reader, document.groups[0].tool) == ("measurement-report", "Length")
