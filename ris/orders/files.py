"""Papers as files: told by their bytes, kept under the name of their SHA-256, on disk before their row exists."""

from __future__ import annotations

import hashlib
import os
import warnings
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, UnidentifiedImageError

from ris.core.errors import InvalidInput, NotFound

LARGEST = 20 * 1024 * 1024
MOST_PIXELS = 60_000_000
PDF, JPEG = "application/pdf", "image/jpeg"


def body_of(upload: UploadedFile[Any]) -> bytes:
    """What was uploaded; raises InvalidInput for what is too large, before it is read."""
    if (upload.size or 0) > LARGEST:
        raise InvalidInput("The file is larger than 20 MB. Nothing was kept.")
    return bytes(upload.read())


def kind_of(body: bytes) -> str:
    """The content type; raises InvalidInput for what is neither a PDF nor a JPEG that can be read to its end."""
    if len(body) > LARGEST:
        raise _refused("The file is larger than 20 MB.")
    if body.startswith(b"%PDF-"):
        if b"%%EOF" not in body[-2048:]:
            raise _refused("The PDF is cut off: its end is missing.")
        return PDF
    if body.startswith(b"\xff\xd8\xff"):
        _require_sound_jpeg(body)
        return JPEG
    raise _refused("Only a PDF or a JPEG can be kept, whatever the file is called.")


def _require_sound_jpeg(body: bytes) -> None:
    """Decode it once, small: a cut or forged picture fails here and not before a reader."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is asked below
            with Image.open(BytesIO(body), formats=["JPEG"]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise _refused("The picture is too large: 60 megapixels at most.")
                picture.draft("L", (picture.width // 8 or 1, picture.height // 8 or 1))
                picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _refused("The JPEG is damaged.") from error


def _refused(why: str) -> InvalidInput:
    return InvalidInput("The paper was not kept.", fields={"file": why})


def keep(body: bytes) -> str:
    """Write a file once, durably; returns its SHA-256 in hex."""
    digest = hashlib.sha256(body).hexdigest()
    path = path_of(digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(body)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)
    _sync_folder(path.parent)
    return digest


def read(digest: str) -> bytes:
    """The bytes that were kept; raises NotFound when they are gone or are not those any more."""
    try:
        body = path_of(digest).read_bytes()
    except FileNotFoundError:
        raise NotFound("The file of this paper is missing. Tell your administrator.") from None
    if hashlib.sha256(body).hexdigest() != digest:
        raise NotFound("The file of this paper was damaged on disk. Tell your administrator.")
    return body


def path_of(digest: str) -> Path:
    return Path(settings.DATA_DIR) / "attachments" / digest[:2] / digest


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
