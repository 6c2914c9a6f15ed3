"""How much of an SR is read before it counts as hostile."""

from __future__ import annotations

MAX_BYTES = 10_000_000
MAX_DEPTH = 64
"""Sequences inside sequences. TID 1500 needs about 10; pydicom's own recursion fails near 100."""

MAX_CONTENT_ITEMS = 10_000
"""Items of Content Sequence (0040,A730): the nodes of the report."""

MAX_ITEMS = 50_000
"""Items of any sequence: each content item brings its concept name, unit and references."""

MAX_ELEMENTS = 250_000
MAX_PROBLEMS = 100
MAX_LINES = 5_000
MAX_LINE_LENGTH = 20_000

MAX_POINTS = 20_000
"""Of one drawing; a freehand outline has some hundreds."""

MAX_POINTERS = 20_000
"""Content items by reference that are followed, and the points that they repeat."""

MAX_SHORT = 256
"""Characters of a name, code, identifier or number as it was written; LO allows 64."""
