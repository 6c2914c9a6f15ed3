"""A page that says nothing, to try a key on."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from reporting.signing.pades import sign_pdf
from reporting.signing.signer import Signer


def trial_pdf(signer: Signer, *, at: datetime) -> bytes:
    """An empty page, signed. Raises SigningError when the key cannot."""
    target = BytesIO()
    canvas = Canvas(target, pageCompression=1)
    canvas.showPage()
    canvas.save()
    return sign_pdf(target.getvalue(), signer=signer, reason="Trial", location="", name="", at=at)
