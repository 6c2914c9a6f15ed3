"""Who writes down what happened on paper."""

from __future__ import annotations

from dataclasses import dataclass

from ris.core.actors import Actor

WRITTEN = frozenset({"order.place", "patient.register", "patient.edit"})


@dataclass(frozen=True, slots=True)
class Writer:
    """The person who enters a form: what stands on it may be written by whoever may enter forms at that site.

    A technologist who wrote the form by hand need not find a clerk to register the patient or to place the order. It is
    they who are named everywhere.
    """

    person: Actor
    site_id: int

    @property
    def kind(self) -> str:
        return self.person.kind

    @property
    def id(self) -> int | str:
        return self.person.id

    @property
    def display(self) -> str:
        return self.person.display

    @property
    def site_ids(self) -> frozenset[int]:
        return self.person.site_ids

    def may(self, permission: str, site_id: int | None) -> bool:
        if permission in WRITTEN and site_id == self.site_id:
            return self.person.may("downtime.enter", site_id)
        return self.person.may(permission, site_id)
