"""Person names: DICOM's form (PS3.5 §6.2.1), the form people read, and the form search compares. Pure."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose, as people without them on the keyboard type them.
PLAIN = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
FORBIDDEN = re.compile(r"[\^=\\\x00-\x1f\x7f]")
NOT_IN_A_NUMBER = re.compile(r"[\\*?\x00-\x1f\x7f]")


def to_pn(*components: str) -> str:
    """FAMILY^Given^Middle^Prefix^Suffix without trailing separators."""
    return "^".join(components).rstrip("^")


def readable(pn: str) -> str:
    """A PN's alphabetic group as people read it: Prefix Given Middle Family Suffix."""
    parts = [part.strip() for part in pn.split("=", maxsplit=1)[0].split("^")] + [""] * 5
    family, given, middle, prefix, suffix = parts[:5]
    return " ".join(part for part in (prefix, given, middle, family, suffix) if part)


def folded(text: str) -> str:
    """Lower case, no accents, words separated by one blank."""
    # Decomposed first: a mathematical 𝐀 becomes a capital only then.
    plain = unicodedata.normalize("NFKD", text).casefold().translate(PLAIN)
    bare = unicodedata.normalize("NFKD", plain)
    letters = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return " ".join(letters.split())


def fault_of(component: str) -> str:
    """Why a name component cannot be sent to a device, or an empty string."""
    if FORBIDDEN.search(component):
        return "The characters ^ = \\ and control characters cannot stand in a name."
    return ""


def fault_of_group(group: str) -> str:
    """Why the ideographic or phonetic group of a name cannot be sent (PS3.5 §6.2.1.2), or an empty string."""
    if group.count("^") > 4 or FORBIDDEN.search(group.replace("^", "")):
        return "Write FAMILY^Given: at most five parts between ^, without = \\ and control characters."
    return "" if group.replace("^", "").strip() or not group else "There is no name between the ^."


def fault_of_number(number: str) -> str:
    """Why a patient number cannot stand in a worklist (VR LO), or be searched for at an archive; or an empty string."""
    if not number or NOT_IN_A_NUMBER.search(number):
        return "The characters \\ * ? and control characters cannot stand in a number."
    return ""
