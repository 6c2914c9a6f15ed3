"""Points where upper apps take part in what patients do."""

from __future__ import annotations

from typing import Protocol

from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.hooks import Hook
from ris.patients.models import Patient


class Registered(Protocol):
    def __call__(self, patient: Patient, *, site: Site, by: Actor) -> None: ...


# Inside the transaction in which an unidentified person got a record: listener(patient, site=…, by=…).
temporary_registered: Hook[...] = Hook()
# patient_parted(patient, by): a merge was taken back; what counted for both counts for its own record again.
patient_parted: Hook[[Patient, Actor]] = Hook()
