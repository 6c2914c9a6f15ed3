"""Which room can do which exam."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ris.accounts.models import Site
from ris.dicom.models import MODALITIES
from ris.orders.models import Procedure, ProcedurePart
from ris.scheduling.models import Resource, ScheduledProcedureStep


@dataclass(frozen=True, slots=True)
class Demand:
    """What an exam, or a part of one, needs of a room."""

    name: str
    modality: str
    capability: str

    def unmet_by(self, room: Resource) -> str:
        """Why the room will not do, in words; empty when it will."""
        if self.modality != room.modality:
            return f"{self.name} needs {dict(MODALITIES)[self.modality]}."
        if self.capability and self.capability not in room.capabilities.split():
            return f"{self.name} needs a room with {self.capability}."
        return ""


def demand_of(procedure: Procedure, part: ProcedurePart | None = None) -> Demand:
    """Of a procedure that has no parts, or of one part."""
    if part is None:
        return Demand(procedure.name, procedure.modality, procedure.required_capability)
    return Demand(f"{procedure.name}: {part.name}", part.modality, part.required_capability)


def demand_of_step(step: ScheduledProcedureStep) -> Demand:
    """Reads its procedure and part: select them."""
    return demand_of(step.requested_procedure.procedure, step.part)


def first_demand(procedure: Procedure) -> Demand:
    """What the exam begins with. Reads the parts: prefetch them."""
    return demand_of(procedure, next(iter(procedure.parts.all()), None))


def unfit(room: Resource, demands: Iterable[Demand]) -> str:
    """Why the room cannot do one of these, in words; empty when it can do them all."""
    return next((words for demand in demands if (words := demand.unmet_by(room))), "")


def refusal(room: Resource, procedures: Iterable[Procedure]) -> str:
    """The same of procedures, with what each begins with."""
    return unfit(room, (first_demand(procedure) for procedure in procedures))


def capable_rooms(site: Site, procedure: Procedure) -> list[Resource]:
    """The rooms of a site in which it can begin, by name."""
    demand = first_demand(procedure)
    rooms = Resource.objects.filter(site=site, modality=demand.modality, active=True).select_related("site", "node")
    return [room for room in rooms if not demand.unmet_by(room)]
