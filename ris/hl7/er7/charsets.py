"""Character sets of MSH-18 (HL7 table 0211). The bytes are decoded before they are divided.

UTF-16 and UTF-32 cannot be framed by MLLP's bytes, and CNS 11643 has no decoder here: such a message is refused.
"""

from __future__ import annotations

import codecs
from typing import Final

from ris.hl7.er7.errors import DATA_TYPE_ERROR, TABLE_VALUE_NOT_FOUND, Malformed, Unwritable

PLACE: Final = "MSH^1^18"
CHARSETS: Final[dict[str, str]] = {
    "ASCII": "ascii",
    "8859/1": "iso8859-1",
    "8859/2": "iso8859-2",
    "8859/3": "iso8859-3",
    "8859/4": "iso8859-4",
    "8859/5": "iso8859-5",
    "8859/6": "iso8859-6",
    "8859/7": "iso8859-7",
    "8859/8": "iso8859-8",
    "8859/9": "iso8859-9",
    "8859/15": "iso8859-15",
    "ISO IR6": "ascii",
    "ISO IR14": "shift_jis",
    "ISO IR87": "iso2022_jp_ext",
    "ISO IR159": "iso2022_jp_ext",
    "GB 18030-2000": "gb18030",
    "GB18030": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
}
SWITCHING: Final = "iso2022_jp_ext"
# The second byte of a character may be that of |, \, ^ or ~.
HIDING: Final = frozenset({"shift_jis", "gb18030", "big5", SWITCHING})
# So many delimiters may seem to stand before MSH-18 that are none.
HIDDEN: Final = 32
ESCAPE: Final = b"\x1b"
AROUND: Final = b"\r\n\x00 "


def codec_of(names: list[str], *, default: str = "ASCII") -> str:
    """The Python codec of MSH-18's repetitions; those after the first are reached by ISO 2022 escape sequences."""
    given = [name.strip().upper() for name in names if name.strip()] or [default]
    unknown = [name for name in given if name not in CHARSETS]
    if unknown:
        raise Malformed(
            "MSH-18 names a character set that is not read here.", code=TABLE_VALUE_NOT_FOUND, location=PLACE
        )
    found = [CHARSETS[name] for name in given]
    return SWITCHING if SWITCHING in found else found[0]


def declared(raw: bytes) -> list[str]:
    """MSH-18 of bytes that are not decoded yet.

    In character sets whose characters may hold the byte of a delimiter it stands further behind: what is found there
    counts where it is MSH-18 once the header is decoded by it.
    """
    head = _head(raw)
    fields = head.split(head[3:4])[17 : 17 + HIDDEN] if len(head) > 3 else []
    plain = head.isascii() and ESCAPE not in head
    found = None if plain else next((one for one in fields if _stands_there(head, one)), None)
    return _names(head, fields[0] if found is None and fields else found or b"")


def _head(raw: bytes) -> bytes:
    return raw[:4096].split(b"\r", 1)[0].split(b"\n", 1)[0]


def _names(head: bytes, field: bytes) -> list[str]:
    return [name.decode("ascii", errors="replace") for name in field.split(head[5:6] or b"~")]


def _stands_there(head: bytes, field: bytes) -> bool:
    names = [name.strip().upper() for name in _names(head, field)]
    if not any(names) or not all(name in CHARSETS for name in names if name):
        return False
    codec = codec_of(names)
    if codec not in HIDING:
        return False
    try:
        fields = _begun(head, codec).split(chr(head[3]))
    except UnicodeDecodeError:
        return False
    return fields[17:18] == [field.decode("ascii")]


def _begun(head: bytes, codec: str) -> str:
    """Its text; a last character that is cut off is left out. Raises UnicodeDecodeError."""
    return codecs.getincrementaldecoder(codec)().decode(head)


def bare(raw: bytes) -> bytes:
    """The message without what may stand around it: line ends, and the mark of UTF-8 with which files may begin."""
    return raw.strip(AROUND).removeprefix(codecs.BOM_UTF8)


def header_of(raw: bytes) -> tuple[str, str]:
    """The text of the first segment, and its codec, of bytes that may be no message at all.

    In the character set of MSH-18, else in UTF-8; what is neither is read as Latin 1, which any bytes are.
    """
    raw = bare(raw)
    head, names = _head(raw), declared(raw)
    try:
        codec = codec_of(names, default="UNICODE UTF-8")
        return _begun(head, codec), codec
    except (Malformed, UnicodeDecodeError):
        return head.decode("latin-1"), "latin-1"


def decode(raw: bytes, *, default: str = "ASCII") -> tuple[str, str]:
    """The text and the codec. Raises Malformed when the bytes are not of the character set that they claim."""
    codec = codec_of(declared(raw), default=default)
    try:
        if codec == SWITCHING:  # each segment begins in ASCII again
            return "\r".join(part.decode(codec) for part in raw.split(b"\r")), codec
        return raw.decode(codec), codec
    except UnicodeDecodeError as error:
        place = raw.count(b"\r", 0, error.start) + 1
        words = f"Segment {place} holds bytes that are not of the character set in MSH-18."
        raise Malformed(words, code=DATA_TYPE_ERROR, location=PLACE) from None


def encode(text: str, charset: str = "UNICODE UTF-8") -> bytes:
    """The bytes in one of table 0211's character sets. Raises Unwritable for a character that it does not have."""
    try:
        return text.encode(codec_of([charset]))
    except UnicodeEncodeError:
        raise Unwritable(f"There is a character in the message that {charset} does not have.") from None
