"""multipart/related bodies (RFC 2387, PS3.18 §8.6.1.2), taken apart within limits. Pure."""

from __future__ import annotations

import re
from email.message import Message

PARTS_MAX = 64
HEADERS_MAX = 8 * 1024
BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
PART10 = "application/dicom"


class BodyError(Exception):
    """A body that is not what it should be: HTTP status and one sentence."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def boundary_of(content_type: str) -> bytes:
    """The boundary of a multipart/related; type="application/dicom" header; BodyError 415 or 400 otherwise."""
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_type() != "multipart/related":
        raise BodyError(415, "Send multipart/related with parts of type application/dicom.")
    kind = header.get_param("type", PART10)
    if not isinstance(kind, str) or kind.lower() != PART10:
        raise BodyError(415, "Only parts of type application/dicom are taken.")
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not BOUNDARY.fullmatch(boundary):
        raise BodyError(400, "The multipart boundary is missing or not allowed.")
    return boundary.encode("ascii")


def parts(content_type: str, body: bytes) -> list[bytes]:
    """The contents of the parts, at least one, each of type application/dicom; BodyError 400, 413 or 415."""
    found = split(boundary_of(content_type).decode("ascii"), body)
    for headers, _content in found:
        _check_headers(headers)
    return [content for _headers, content in found]


def split(boundary: str, body: bytes) -> list[tuple[bytes, bytes]]:
    """(headers, content) of each part, at least one; BodyError 400 or 413."""
    delimiter = b"--" + boundary.encode("ascii", "replace")
    found: list[tuple[bytes, bytes]] = []
    at = _first(body, delimiter)
    while (start := _after_delimiter(body, at + len(delimiter))) is not None:
        end = body.find(b"\r\n" + delimiter, start)
        if end < 0:
            raise BodyError(400, "The multipart body ends before its closing boundary.")
        found.append(_content(body, start, end))
        if len(found) > PARTS_MAX:
            raise BodyError(413, f"At most {PARTS_MAX} objects can be sent at once.")
        at = end + 2
    if not found:
        raise BodyError(400, "The multipart body holds no object.")
    return found


def _first(body: bytes, delimiter: bytes) -> int:
    if body.startswith(delimiter):
        return 0
    at = body.find(b"\r\n" + delimiter, 0, HEADERS_MAX)
    if at < 0:
        raise BodyError(400, "The multipart body does not begin with its boundary.")
    return at + 2


def _after_delimiter(body: bytes, at: int) -> int | None:
    """Where the part begins; None at the closing delimiter."""
    if body[at : at + 2] == b"--":
        return None
    while body[at : at + 1] in {b" ", b"\t"}:
        at += 1
    if body[at : at + 2] != b"\r\n":
        raise BodyError(400, "A multipart boundary is damaged.")
    # keeps the line break in front of the headers, so that a part without headers is found too
    return at


def _content(body: bytes, start: int, end: int) -> tuple[bytes, bytes]:
    limit = min(end, start + HEADERS_MAX)
    blank = body.find(b"\r\n\r\n", start, limit)
    if blank < 0:
        raise BodyError(400, "A part has no end of headers.")
    return body[start:blank], body[blank + 4 : end]


def _check_headers(raw: bytes) -> None:
    for line in raw.split(b"\r\n"):
        name, _, value = line.decode("latin-1").partition(":")
        word = value.strip().lower()
        if name.strip().lower() == "content-type" and word.split(";")[0].strip() != PART10:
            raise BodyError(415, "Only parts of type application/dicom are taken.")
        if name.strip().lower() == "content-encoding" and word != "identity":
            raise BodyError(415, "Compressed parts are not taken.")
        if name.strip().lower() == "content-transfer-encoding" and word != "binary":
            raise BodyError(415, "Parts must be binary.")
