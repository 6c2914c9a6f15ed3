"""One range of bytes (RFC 9110 §14), as a player of sound asks for it. Pure."""

from __future__ import annotations

import re

ONE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})", re.ASCII)


class Unsatisfiable(Exception):
    """The range lies behind the end."""


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte that are asked for; None for all of it, as for what is no single range."""
    found = ONE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - int(last)), size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(int(last or size), size - 1)
