"""A picture from the archive, drawn anew so that nothing but its pixels is left. Runs in the sandbox's child; pure."""

from __future__ import annotations

import base64
import io
import warnings

from PIL import Image, ImageChops

from ris.dicom.sandbox.errors import Refusal

LONGEST_SIDE = 1000
MOST_PIXELS = 40_000_000
QUALITY = 85


def plain(jpeg: bytes, turned: bool = False) -> str:  # noqa: FBT001, FBT002  what JSON carries into the child
    """The picture as a JPEG of at most 1000 pixels a side, grey or RGB, in base64; `turned`: dark for light.

    Raises Refusal.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(jpeg), formats=["JPEG", "PNG"]) as found:
                return base64.b64encode(_drawn(found, turned=turned)).decode()
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise Refusal("The archive's picture of the image cannot be read.") from error


def _drawn(found: Image.Image, *, turned: bool) -> bytes:
    if found.width * found.height > MOST_PIXELS:
        raise Refusal("The archive's picture of the image is too large.")
    picture = found.convert("L" if found.mode in ("1", "L", "I;16", "I") else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    picture = ImageChops.invert(picture) if turned else picture
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
