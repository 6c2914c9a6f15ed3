"""The signature block: who signed, when, with which meaning, and the digest of what was signed.

Printed name, date and time, and meaning are what 21 CFR 11.50 asks of a printed electronic signature.
"""

from __future__ import annotations

from typing import Any

from reportlab.graphics.barcode.qr import QrCode
from reportlab.platypus import Spacer, Table

from reporting.render.content import ElectronicSignature, ReportContent
from reporting.render.words import Words, words
from ris.core.typeset.blocks import (
    ACCENT,
    FINE,
    LABEL,
    MUTED,
    PANEL,
    SMALL,
    VALUE,
    Ink,
    TextBlock,
    panel,
)
from ris.core.typeset.fonts import FontSet

SIGNER = Ink(12, 16, weight="bold")
UNSIGNED = Ink(9, 12.5, weight="oblique")
DIGEST = Ink(6.5, 9, MUTED)
CODE_SIZE = 56.0
CODE_COLUMN = 92.0


class SignaturePanel(Table):
    """The block, which also names its own rectangle in the document, so that the signing finds its place."""

    def draw(self) -> None:
        super().draw()
        left, bottom = self.canv.absolutePosition(0, 0)
        self.canv.mark_signature_place(left, bottom, left + self._width, bottom + self._height)


def signature_block(content: ReportContent, fonts: FontSet, width: float) -> list[Any]:
    """The last block of the report; a draft says that it is not signed and marks no place."""
    labels = words(content.language)
    if content.signature is None:
        return [Spacer(0, 16), TextBlock(labels.unsigned, UNSIGNED, fonts)]
    text = _statement(content.signature, content.content_sha256, labels, fonts)
    widths = [width - CODE_COLUMN, CODE_COLUMN]
    style = [*panel(PANEL, ACCENT), ("RIGHTPADDING", (1, 0), (1, 0), 0)]
    return [Spacer(0, 16), SignaturePanel([[text, _code(content, fonts)]], colWidths=widths, style=style)]


def _statement(signed: ElectronicSignature, digest: str, labels: Words, fonts: FontSet) -> list[Any]:
    instant = f"{signed.signed_at.isoformat(timespec='seconds')} ({signed.zone})"
    return [
        TextBlock(signed.meaning, SMALL, fonts),
        Spacer(0, 2),
        TextBlock(signed.display_name, SIGNER, fonts),
        TextBlock(instant, VALUE, fonts),
        Spacer(0, 4),
        TextBlock(labels.fingerprint, LABEL, fonts),
        TextBlock(digest, DIGEST, fonts),
    ]


def _code(content: ReportContent, fonts: FontSet) -> list[Any]:
    """Where to ask whether this is still the current version; else the first accession number."""
    first = content.exam.accession_numbers[0]
    said = words(content.language).verify if content.verify_url else first
    code = QrCode(value=content.verify_url or first, width=CODE_SIZE, height=CODE_SIZE, qrBorder=0, qrLevel="M")
    code.hAlign = "LEFT"
    return [code, Spacer(0, 2), TextBlock(said, FINE, fonts)]
