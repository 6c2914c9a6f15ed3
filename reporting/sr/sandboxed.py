"""The doors for `ris.dicom.sandbox.call("reporting.sr.sandboxed.read_json", part10, images_json)`.

Imported in the child process only: a refusal keeps its words on the way out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reporting.sr import SrRefused, images, reading
from ris.dicom.sandbox.errors import Refusal


def read_json(part10: bytes, images_json: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """As `reporting.sr.read_json`. Raises Refusal, whose words the sandbox passes on."""
    try:
        return reading.read_json(part10, images_json)
    except SrRefused as refusal:
        raise Refusal(refusal.message) from refusal


def image_json(part10: bytes) -> dict[str, Any]:
    """What `read_json` needs to know of a referenced image file, as DICOM JSON. Raises Refusal."""
    try:
        return images.header_json(part10)
    except SrRefused as refusal:
        raise Refusal(refusal.message) from refusal
