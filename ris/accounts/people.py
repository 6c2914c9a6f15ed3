"""People who sign in and what they are at which site: added, changed, switched off, by one function each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.db import transaction

from ris import audit
from ris.accounts.configuring import require_configure, store
from ris.accounts.models import Membership, Site, User
from ris.core.actors import Actor
from ris.core.errors import InvalidInput

Roles = Collection[tuple[Site, str]]
YOURSELF: Final = "You cannot shut yourself out. Another administrator can."
LAST: Final = "Somebody must be left who looks after the installation."


@transaction.atomic
def save_person(person: User, *, by: Actor, fields: Iterable[str]) -> User:
    """Add or change a person; a new one has no password until they choose it by mail, or an administrator sets one.

    Raises NotPermitted, InvalidInput when `by` would shut themselves out, or nobody would be left to administer.
    """
    require_configure(by)
    new = person._state.adding
    if not person.password:
        person.set_unusable_password()
    _require_somebody_left(person, by)
    store(person)
    audit.record(f"account.{'added' if new else 'changed'}", person, by=by, fields=sorted(fields))
    return person


@transaction.atomic
def set_roles(person: User, roles: Roles, *, by: Actor) -> User:
    """These roles at these sites, and no others. Nothing happens when nothing differs. Raises NotPermitted."""
    require_configure(by)
    person = User.objects.select_for_update().get(pk=person.pk)
    before = {(row.site_id, row.role): row for row in person.memberships.all()}
    wanted = {(site.pk, role) for site, role in roles}
    gone, come = sorted(set(before) - wanted), sorted(wanted - set(before))
    if not gone and not come:
        return person
    person.memberships.filter(pk__in=[before[key].pk for key in gone]).delete()
    for site_id, role in come:
        store(Membership(user=person, site_id=site_id, role=role))
    note_roles(person, by=by, gone=gone, come=come)
    return User.objects.get(pk=person.pk)


def note_roles(person: User, *, by: Actor, gone: Iterable[object] = (), come: Iterable[object] = ()) -> None:
    """Part of giving roles: what was taken and what was given, as [site, role]."""
    audit.record("account.roles-changed", person, by=by, gone=list(gone), come=list(come))


def _require_somebody_left(person: User, by: Actor) -> None:
    if person.is_active and person.is_superuser:
        return
    if person.pk is not None and by.kind == "user" and str(by.id) == str(person.pk):
        raise InvalidInput(YOURSELF, fields={"is_active": YOURSELF})
    others = User.objects.select_for_update().filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    if not others.exists():
        raise InvalidInput(LAST, fields={"is_active": LAST})
