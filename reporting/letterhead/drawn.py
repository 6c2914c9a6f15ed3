"""A logo, drawn anew so that nothing but its pixels is left. Runs in the sandbox's child; pure."""

from __future__ import annotations

import base64
import io
import warnings

from PIL import Image

from ris.dicom.sandbox.errors import Refusal

LARGEST = (800, 320)
MOST_PIXELS = 20_000_000


def drawn(picture: bytes) -> str:
    """The logo as a PNG on white, in base64. Raises Refusal in words for who gave it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(picture), formats=["PNG", "JPEG"]) as found:
                return base64.b64encode(_plain(found)).decode()
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise Refusal("It is neither a PNG nor a JPEG that can be read.") from None


def _plain(found: Image.Image) -> bytes:
    if found.width * found.height > MOST_PIXELS:
        raise Refusal("It has too many pixels.")
    transparent = found.convert("RGBA")
    page = Image.new("RGB", transparent.size, "white")
    page.paste(transparent, mask=transparent.getchannel("A"))
    page.thumbnail(LARGEST)
    target = io.BytesIO()
    page.save(target, "PNG", optimize=True)
    return target.getvalue()
