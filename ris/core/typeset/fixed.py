"""Pages on which everything has its place: labels, wristbands, forms. What does not fit is an error, never cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ris.core.typeset.blocks import INK, Ink, TextBlock
from ris.core.typeset.errors import DoesNotFit
from ris.core.typeset.fonts import BASE_FONT, FontSet, drawing

PRODUCER = "Isocenter RIS"
Draw = Callable[[Canvas], None]

SMALLEST = 5.5  # points; below that a name is not read at arm's length
STEP = 0.5
SLACK = 0.01  # points; sums of advances are floats

# ISO/IEC 15417: narrower bars are lost by office printers, wider ones only cost room; ten modules of quiet.
NARROWEST, WIDEST = 0.19 * mm, 0.38 * mm
QUIET = 10


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page: points from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def top(self) -> float:
        return self.bottom + self.height


def pages(size: tuple[float, float], draws: Sequence[Draw], *, title: str) -> bytes:
    """One page for each of `draws`. The title stands in window lists: it names numbers, never a person."""
    target = BytesIO()
    with drawing:
        canvas = Canvas(target, pagesize=size, invariant=1, pageCompression=1, initialFontName=BASE_FONT)
        canvas.setTitle(title)
        canvas.setCreator(PRODUCER)
        canvas.setProducer(PRODUCER)
        for draw in draws:
            draw(canvas)
            canvas.showPage()
        canvas.save()
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes into boxes of one canvas."""

    canvas: Canvas
    fonts: FontSet

    def write(self, text: str, box: Box, ink: Ink, *, what: str) -> float:
        """`text` from the top of the box down, as large as it fits; the height used. Raises DoesNotFit."""
        block = fitted(text, box, ink, self.fonts, what=what)
        block.drawOn(self.canvas, box.left, box.top - block.height)
        return float(block.height)

    def bars(self, value: str, box: Box) -> None:
        """`value` as Code 128 over the height of the box, quiet zones included. Raises DoesNotFit."""
        code = barcode(value, box.width, box.height)
        self.canvas.setFillColor(INK)
        code.drawOn(self.canvas, box.left, box.bottom)


def fitted(text: str, box: Box, ink: Ink, fonts: FontSet, *, what: str) -> TextBlock:
    """The text in the largest size, from that of `ink` down, in which it fits without breaking a word, or at all."""
    for whole in (True, False):
        for size in sizes(ink.size):
            block = TextBlock(text, replace(ink, size=size, leading=size * ink.leading / ink.size), fonts)
            height = block.wrap(box.width, box.height)[1]
            if height <= box.height + SLACK and (not whole or _unbroken(text, block, box.width)):
                return block
    raise DoesNotFit(f"{what} is too long for its place on the paper.")


def sizes(largest: float) -> Iterator[float]:
    size = largest
    while size >= SMALLEST:
        yield size
        size -= STEP


def _unbroken(text: str, block: TextBlock, width: float) -> bool:
    ink = block.ink
    return all(block.fonts.width(word, ink.weight, ink.size) <= width for word in text.split())


def barcode(value: str, width: float, height: float) -> Code128:
    """Code 128 (ISO/IEC 15417) in at most `width` points, quiet zones included; raises DoesNotFit."""
    if not value or not all(" " <= one <= "~" for one in value):
        raise DoesNotFit("A number that is to be a barcode may hold only plain letters, digits and signs.")
    modules = Code128(value, barWidth=1, quiet=0).width + 2 * QUIET
    bar = min(WIDEST, width / modules)
    if bar < NARROWEST:
        raise DoesNotFit(f"The number {value} is too long for a barcode of this width.")
    return Code128(value, barWidth=bar, barHeight=height, quiet=1, lquiet=QUIET * bar, rquiet=QUIET * bar)
