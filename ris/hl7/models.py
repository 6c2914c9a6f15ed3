"""The tables of HL7, which stand beside what uses them."""

from __future__ import annotations

from ris.hl7.incoming import record as _incoming
from ris.hl7.outgoing import models as _outgoing

__all__ = ["_incoming", "_outgoing"]
