"""Who is told when nobody read a critical finding back: the contacts of the site in turn, else all who sign there.

A site without a contact is told to those who administer it, before it matters and when it does.
"""

from __future__ import annotations

import logging

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from reporting.critical.record import CriticalFinding, EscalationContact
from ris.accounts.models import Membership, Site, User
from ris.accounts.permissions import ROLE_PERMISSIONS
from ris.core.panels import Card, Panel
from ris.notifications.actions import notify
from ris.notifications.subscribers import managers_of

log = logging.getLogger(__name__)

SET_UP = "Name one in the admin under Escalation contacts."


def _with(permission: str) -> list[str]:
    return [role for role, granted in ROLE_PERMISSIONS.items() if permission in granted]


def contacts() -> QuerySet[EscalationContact]:
    """Those who work here still and may see reports of the site: others could not open what they are told of."""
    here = Membership.objects.filter(user=OuterRef("user"), site=OuterRef("site"), role__in=_with("report.view"))
    return EscalationContact.objects.filter(Exists(here), user__is_active=True)


def next_contact(site: Site, step: int) -> EscalationContact | None:
    """One after the other, round and round; None when the site has none."""
    found = list(contacts().filter(site=site).select_related("user"))
    return found[step % len(found)] if found else None


def people_for(critical: CriticalFinding, contact: EscalationContact | None) -> list[User]:
    """Whoever flagged it with the contact; without one, with everybody who signs final reports at the site."""
    signs = User.objects.filter(memberships__site=critical.site_id, memberships__role__in=_with("report.sign_final"))
    others = [contact.user] if contact else list(signs)
    return sorted({one for one in (critical.flagged_by, *others) if one.is_active}, key=lambda one: one.pk)


def page_for(person: User, critical: CriticalFinding) -> str:
    """The case for those who write the call down; the list for those who only see it."""
    if person.may("report.write", critical.site_id):
        return reverse("reporting:critical-case", args=[critical.task_id])
    return reverse("reporting:critical")


def tell_of_no_contact(critical: CriticalFinding, told: list[User]) -> None:
    """Those who administer the site, once for a finding: whom it was passed on to, and that it should not be so."""
    others = [person for person in told if person.pk != critical.flagged_by_id]
    who = "Everybody who signs there was told instead." if others else "Nobody else who signs works there: see to it."
    if not told:
        log.error("critical finding %s: nobody at its site could be told", critical.pk)
    notify(
        managers_of(critical.site_id),
        key=f"critical/{critical.pk}/no-contact",
        subject="A critical finding had no contact",
        text=f"{critical.site} has no contact for findings that nobody has read back. {who} {SET_UP}",
        link=reverse("events:deliveries"),
        site=critical.site,
    )


def _without_contact(user: User) -> list[Site]:
    """Of the sites that the user administers, those where somebody reads."""
    sites = Site.objects.filter(pk__in=user.sites_where("delivery.manage"))
    reads = Membership.objects.filter(site=OuterRef("pk"), user__is_active=True, role__in=_with("report.sign_final"))
    named = contacts().filter(site=OuterRef("pk"))
    return list(sites.filter(Exists(reads)).exclude(Exists(named)).order_by("name"))


def home_cards(user: User) -> list[Card]:
    sites = _without_contact(user)
    if not sites:
        return []
    waits = CriticalFinding.objects.open().filter(site__in=sites).exists()
    hint = "When nobody has read a critical finding back, no person of the site is named who is told."
    return [Card("Sites without a contact", len(sites), reverse("events:deliveries"), hint, urgent=waits)]


def deliveries_panel(user: User) -> list[Panel]:
    found = [(f"{site} has no contact for critical findings.", SET_UP) for site in _without_contact(user)]
    return [Panel("Critical findings", "dicom/_health.html", {"warnings": found})] if found else []
