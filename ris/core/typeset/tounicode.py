"""The ToUnicode map of an embedded font subset: what makes the page's text searchable and copyable.

reportlab writes code points beyond U+FFFF as five hex digits, which readers cannot decode, and more than
100 entries per block, which ISO 32000-1 §9.10.3 forbids; this map does neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

BLOCK = 100
# Private code points from here on stand for a bracket drawn mirrored in right-to-left text: the reader sees
# the mirrored glyph, and copies the character that was written.
TURNED = 0x100000
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
    written = point - TURNED if point >= TURNED else point
    return chr(written).encode("utf-16-be").hex().upper()


def _blocks(entries: list[str]) -> Iterator[str]:
    for start in range(0, len(entries), BLOCK):
        block = entries[start : start + BLOCK]
        yield "\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"])
