"""MRRT: report templates as HTML5 files (IHE RAD TF, Management of Radiology Report Templates).

Reading turns a file into our own plain data and keeps no markup at all: what is not text, a field or a code is left out
and told. So nothing of a foreign file can run, whatever stands in it.
"""

from __future__ import annotations

from reporting.templates.mrrt.errors import MrrtRefused
from reporting.templates.mrrt.reading import Imported, read
from reporting.templates.mrrt.writing import write

__all__ = ["Imported", "MrrtRefused", "read", "write"]
