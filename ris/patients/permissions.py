from __future__ import annotations

from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import NotPermitted
from ris.patients.models import Patient


def may_register(actor: Actor, site: Site) -> bool:
    return actor.may("patient.register", site.pk)


def may_edit(actor: Actor, patient: Patient) -> bool:
    return any(actor.may("patient.edit", site_id) for site_id in patient.sites.values_list("pk", flat=True))


def require_register(actor: Actor, site: Site) -> None:
    if not may_register(actor, site):
        raise NotPermitted(f"Registering patients at {site} is for its clerks. Ask one, or an administrator.")


def require_edit(actor: Actor, patient: Patient) -> None:
    if not may_edit(actor, patient):
        raise NotPermitted("Changing patient data is for clerks and technologists of a site that knows the patient.")


def may_merge(actor: Actor, *patients: Patient) -> bool:
    """At a site that knows each of the records."""
    return all(
        any(actor.may("patient.merge", site_id) for site_id in patient.sites.values_list("pk", flat=True))
        for patient in patients
    )


def require_merge(actor: Actor, *patients: Patient) -> None:
    if not may_merge(actor, *patients):
        raise NotPermitted("Merging is for clerks and administrators of sites that know both records.")


def may_see_looks(actor: Actor, patient: Patient) -> bool:
    """Who looked is for those who answer for the site and for those who keep the file."""
    sites = patient.sites.values_list("pk", flat=True)
    return any(actor.may(name, site_id) for name in ("audit.view", "patient.edit") for site_id in sites)


def may_walk_in(actor: Actor) -> bool:
    """Whether the desk may send somebody straight to a room somewhere; the walk-in page asks for its own site."""
    return actor.may("order.place", None) and actor.may("schedule.book", None)
