"""A dataset as the walk over its bytes found it: nothing is decoded before somebody asks (PS3.5 §6 and §7).

pydicom builds every element of every item, which takes most of the time of reading a report; here an item is a table
of places in the bytes.
"""

from __future__ import annotations

import re
import struct
import warnings
from functools import lru_cache

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import dictionary_VR, tag_for_keyword

CHARSET = 0x00080005
BINARY = {"FL": "f", "FD": "d", "US": "H", "SS": "h", "UL": "L", "SL": "l", "UV": "Q", "SV": "q", "OF": "f", "OD": "d"}
SINGLE = frozenset({"ST", "LT", "UT", "UR"})
BY_CHARSET = frozenset({"SH", "LO", "ST", "LT", "UC", "UT", "PN"})
OPAQUE = frozenset({"OB", "OW", "OL", "OV", "SQ", "AT"})
DELIMITERS = {ord("\\"), ord("^"), ord("=")}
ASCII = ["iso8859"]
DESIGNATION = re.compile(r"\x1b[ -/]{1,3}[0-~]")  # of ISO 2022: pydicom's codec for GB 2312 leaves it in the text


class Item:
    """One dataset or sequence item. `places` maps a tag to (VR, start, end) in the bytes, or to the items it holds."""

    __slots__ = ("_body", "_encodings", "_order", "_parent", "places")

    def __init__(self, body: bytes, order: str, parent: Item | None = None) -> None:
        self._body, self._order, self._parent = body, order, parent
        self._encodings: list[str] | None = None
        self.places: dict[int, tuple[str, int, int] | list[Item]] = {}

    def items(self, keyword: str) -> list[Item]:
        """The items of a sequence; [] when it is absent or no sequence."""
        found = self.places.get(tag_of(keyword))
        return found if isinstance(found, list) else []

    def is_no_sequence(self, keyword: str) -> bool:
        """Whether something stands where a sequence should, and is none."""
        found = self.places.get(tag_of(keyword))
        return isinstance(found, tuple) and found[1] != found[2]

    def values(self, keyword: str) -> list[str] | list[float]:
        """All values, as text or as numbers; [] when the element is absent, empty, a sequence or bulk."""
        tag = tag_of(keyword)
        found = self.places.get(tag)
        if found is None or isinstance(found, list):
            return []
        vr, start, end = found
        vr = known_vr(tag) if vr in ("", "UN") else vr
        raw = self._body[start:end]
        if vr in OPAQUE or not raw:
            return []
        if vr in BINARY:
            return self._numbers(raw, BINARY[vr])
        text = self._decoded(raw, vr)
        return [text] if vr in SINGLE else text.split("\\")

    def _numbers(self, raw: bytes, kind: str) -> list[float]:
        """Raises struct.error when the bytes are no whole number of values."""
        size = struct.calcsize("<" + kind)
        if len(raw) % size:
            raise struct.error("cut within a value")
        return [float(one) for one in struct.unpack(f"{self._order}{len(raw) // size}{kind}", raw)]

    def _decoded(self, raw: bytes, vr: str) -> str:
        encodings = self.encodings if vr in BY_CHARSET else ASCII
        if raw.isascii() and b"\x1b" not in raw:
            return raw.decode("ascii")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what cannot be decoded is replaced, and shows
            return DESIGNATION.sub("", decode_bytes(raw, encodings, DELIMITERS))

    @property
    def encodings(self) -> list[str]:
        """Python's names of the character sets that hold here (PS3.3 §C.12.1.1.2): its own, or its parent's."""
        if self._encodings is None:
            own = self.places.get(CHARSET)
            if own is not None and not isinstance(own, list):
                raw = self._body[own[1] : own[2]].decode("ascii", "replace").strip("\0 ")
                self._encodings = encodings_of(raw)
            else:
                self._encodings = self._parent.encodings if self._parent else ASCII
        return self._encodings


@lru_cache(maxsize=64)
def encodings_of(charset: str) -> list[str]:
    """Of (0008,0005) as it is written; unknown ones are passed over."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return convert_encodings(charset.split("\\"))


@lru_cache(maxsize=256)
def tag_of(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return int(tag)


@lru_cache(maxsize=1024)
def known_vr(tag: int) -> str:
    """The VR of the data dictionary; UN for what it does not know."""
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"
