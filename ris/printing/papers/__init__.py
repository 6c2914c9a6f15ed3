"""Slips, labels and wristbands as PDF: pure functions of frozen content, the same bytes for the same content."""

from ris.printing.papers.content import Band, Exam, Person, Slip, Tag
from ris.printing.papers.label import label_roll, label_sheets
from ris.printing.papers.slip import slips
from ris.printing.papers.wristband import wristbands

__all__ = ["Band", "Exam", "Person", "Slip", "Tag", "label_roll", "label_sheets", "slips", "wristbands"]
