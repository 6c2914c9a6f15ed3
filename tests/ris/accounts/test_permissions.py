"""Roles are sets of named permissions at a site; nothing else decides who may."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from ris.accounts.models import Membership, Site, User
from ris.accounts.permissions import ADMIN_PERMISSIONS, ROLE_PERMISSIONS, ROLES
from ris.core.actors import SYSTEM_GRANTS, SystemActor
from tests.architecture.sources import CODE, python_files, tree
from tests.world import World

GRANTED = ADMIN_PERMISSIONS.union(*ROLE_PERMISSIONS.values(), *SYSTEM_GRANTS.values())
QUESTIONS = {"may": 0, "sites_where": 0, "require_somewhere": 1, "require_system": 1, "SiteField": 0}


def asked(module: ast.Module) -> Iterator[str]:
    """Every permission that the code asks for by a literal."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = QUESTIONS.get(name)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                yield str(node.args[place].value)  # type: ignore[attr-defined]


def test_every_permission_that_the_code_asks_for_is_held_by_somebody() -> None:
    wanted = {name for path in python_files(*CODE) for name in asked(tree(path))}
    assert len(wanted) > 15
    assert wanted - GRANTED == set()


def test_every_role_has_its_row() -> None:
    assert set(ROLE_PERMISSIONS) == set(ROLES)


def test_only_a_radiologist_signs_final_and_no_administrator_reads() -> None:
    assert [role for role, held in ROLE_PERMISSIONS.items() if "report.sign_final" in held] == ["radiologist"]
    reading = {"report.view", "report.write", "study.view", "reading.list"}
    assert not reading & (ADMIN_PERMISSIONS | ROLE_PERMISSIONS["site_admin"])


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gives_its_permissions_at_its_site_and_nothing_elsewhere(role: str, world: World) -> None:
    user = User.objects.create(username="new")
    Membership.objects.create(user=user, site=world.north, role=role)
    for permission in GRANTED:
        held = permission in ROLE_PERMISSIONS[role]
        assert user.may(permission, world.north.pk) is held
        assert user.may(permission, None) is held
        assert not user.may(permission, world.south.pk)
        assert user.sites_where(permission) == (frozenset({world.north.pk}) if held else frozenset())


def test_two_roles_add_up_each_at_its_own_site(world: World) -> None:
    user = User.objects.create(username="new")
    for site, role in ((world.north, "clerk"), (world.north, "technologist"), (world.south, "referrer")):
        Membership.objects.create(user=user, site=site, role=role)
    assert user.may("order.place", world.north.pk)
    assert user.may("step.perform", world.north.pk)
    assert not user.may("order.place", world.south.pk)
    assert user.may("report.view", world.south.pk)
    assert not user.may("report.view", world.north.pk)
    assert user.site_ids == {world.north.pk, world.south.pk}


def test_a_person_without_a_role_may_nothing(world: World) -> None:
    user = User.objects.create(username="new")
    assert not any(user.may(permission, site) for permission in GRANTED for site in (None, world.north.pk))


def test_who_was_switched_off_may_nothing(world: World) -> None:
    for name in ("radiologist", "admin"):
        user = world.people[name]
        user.is_active = False
        assert not any(user.may(permission, site) for permission in GRANTED for site in (None, world.north.pk))


def test_an_installation_admin_holds_exactly_the_rights_of_one_everywhere(world: World) -> None:
    held = {permission for permission in GRANTED if world.admin.may(permission, world.south.pk)}
    assert held == ADMIN_PERMISSIONS
    assert world.admin.sites_where("site.manage") == frozenset(Site.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("name", SYSTEM_GRANTS)
def test_a_part_of_the_system_holds_its_row(name: str) -> None:
    assert {item for item in GRANTED if SystemActor(name).may(item, None)} == SYSTEM_GRANTS[name]


def test_an_unknown_part_of_the_system_may_nothing() -> None:
    assert not any(SystemActor("stranger").may(permission, 1) for permission in GRANTED)
