"""Which room can do which exam."""

from __future__ import annotations

from collections.abc import Iterable

from ris.accounts.models import Site
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


def capable_rooms(site: Site, procedure: Procedure) -> list[Resource]:
    """The rooms of a site that can do it, by name."""
    rooms = Resource.objects.filter(site=site, modality=procedure.modality, active=True).select_related("site", "node")
    return [room for room in rooms if not refusal(room, [procedure])]
