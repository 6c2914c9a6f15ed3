"""Which room can do which exam."""

from __future__ import annotations

from collections.abc import Iterable

from ris.orders.models import Procedure
from ris.scheduling.models import Resource


def refusal(room: Resource, procedures: Iterable[Procedure]) -> str:
    """Why the room cannot do one of these, in words; empty when it can do them all."""
    for procedure in procedures:
        if procedure.modality != room.modality:
            return f"{procedure.name} needs {procedure.get_modality_display()}."
        if procedure.required_capability and procedure.required_capability not in room.capabilities.split():
            return f"{procedure.name} needs a room with {procedure.required_capability}."
    return ""
