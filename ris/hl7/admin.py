"""What stands in the admin, by direction."""

from __future__ import annotations

from ris.hl7.incoming import admin as _incoming  # noqa: F401
from ris.hl7.outgoing import admin as _outgoing  # noqa: F401
