"""The ToUnicode map of an embedded font subset: what makes the page's text searchable and copyable.

reportlab writes code points beyond U+FFFF as five hex digits, which readers cannot decode, and more than
100 entries per block, which ISO 32000-1 §9.10.3 forbids; this map does neither.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

BLOCK = 100
# Private code points from here on stand for a bracket drawn mirrored in right-to-left text: the reader sees
# the mirrored glyph, and copies the character that was written.
TURNED = 0x100000
# Arabic Presentation Forms A and B: how letters look where they join; nobody writes them.
JOINED_FORMS = ((0xFB50, 0xFBFF), (0xFE80, 0xFEFC))
HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /{name} def
/CMapType 2 def
1 begincodespacerange
<00> <FF>
endcodespacerange"""
TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


def to_unicode_cmap(name: str, subset: Sequence[int]) -> str:
    """The CMap of one subset; `subset[code]` is the code point drawn by that one-byte code, 0 for none."""
    entries = [f"<{code:02X}> <{_utf16(point)}>" for code, point in enumerate(subset) if point]
    return "\n".join([HEAD.format(name=name), *_blocks(entries), TAIL])


def _utf16(point: int) -> str:
    return written(point).encode("utf-16-be").hex().upper()


def written(point: int) -> str:
    """What is copied where this code point is drawn: the bracket that was written, the letter that was joined.

    A ligature of two letters (lam with alef) stays one sign: readers turn right-to-left text round sign by sign, and
    would turn the two letters of one sign round as well.
    """
    if point >= TURNED:
        return chr(point - TURNED)
    letter = unicodedata.normalize("NFKC", chr(point))
    joined = any(first <= point <= last for first, last in JOINED_FORMS)
    return letter if joined and len(letter) == 1 else chr(point)


def _blocks(entries: list[str]) -> Iterator[str]:
    for start in range(0, len(entries), BLOCK):
        block = entries[start : start + BLOCK]
        yield "\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"])
