"""The installation is set up by programs as in the admin: the same rights, rules and trail, and no secret twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from ris.accounts.configuring import remove
from ris.accounts.models import ApiToken, User
from ris.audit.models import AuditEvent
from ris.core.errors import TransitionError
from ris.dicom.models import DeviceProfile, Node
from ris.hl7.incoming.record import Sender
from ris.webhooks.models import Webhook
from tests.api.conftest import program_of
from tests.permissions.ward_settings import sender
from tests.world import World
from worklist.reading.staff import ReadingGroup

pytestmark = pytest.mark.db
API = "/api/v1"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def admin(world: World) -> APIClient:
    return program_of(world.admin)


def told(action: str) -> dict[str, Any]:
    detail: dict[str, Any] = AuditEvent.objects.filter(action=action).order_by("-pk")[0].detail
    return detail


def sent(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.json()
    return answer.json() if answer.content else None


def test_a_sender_is_kept_with_its_field_map_and_its_codes_and_what_is_not_named_stays(
    world: World, admin: APIClient
) -> None:
    row = sender(world)
    at = f"{API}/hl7-senders/{row.pk}/"
    assert sent(admin.get(at))["rules"] == [{"target": "order.placer", "paths": "OBR-18"}]
    codes = [{"table": "priority", "theirs": "URGENT", "ours": "HIGH"}]
    changed = sent(admin.patch(at, {"translations": codes}, format="json"))
    assert (changed["translations"], changed["rules"][0]["paths"]) == (codes, "OBR-18")
    assert AuditEvent.objects.filter(action="hl7.sender-changed", site_id=world.north.pk).count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"rules": [{"target": "order.placer", "paths": "nowhere"}]},
        {"rules": [{"target": "order.placer", "paths": "OBR-18"}] * 2},
        {"application": "EPIC", "facility": "WARD"},
    ],
)
def test_a_sender_that_cannot_be_is_refused_whole(world: World, admin: APIClient, change: dict[str, Any]) -> None:
    Sender.objects.create(site=world.north, name="Epic", application="EPIC", facility="WARD")
    row = sender(world)
    refused = admin.patch(f"{API}/hl7-senders/{row.pk}/", change, format="json")
    assert refused.status_code in {409, 422}, refused.json()
    assert [(one.target, one.paths) for one in row.rules.all()] == [("order.placer", "OBR-18")]


def test_a_webhooks_secret_is_told_once(world: World) -> None:
    siteadmin = program_of(world.siteadmin)
    body = {"site": "north", "name": "Portal", "url": "https://portal.example.org/", "kinds": ["report.signed"]}
    made = sent(siteadmin.post(f"{API}/webhooks/", body, format="json"), 201)
    at = f"{API}/webhooks/{made['id']}/"
    shown = sent(siteadmin.get(at))
    assert (len(made["secret"]) > 20, "secret" in shown, "sealed" in shown) == (True, False, False)
    assert made["secret"] not in Webhook.objects.get().sealed
    assert sent(siteadmin.post(f"{at}new-secret/"))["secret"] != made["secret"]
    inside = siteadmin.patch(at, {"url": "http://127.0.0.1/"}, format="json")
    assert (inside.status_code, list(inside.json()["fields"])) == (422, ["url"])
    again = siteadmin.post(f"{API}/webhooks/", body, format="json")
    assert again.status_code == 422, "its name is taken at the site"
    moved = siteadmin.patch(at, {"site": "south"}, format="json")
    assert moved.status_code == 400, "a site that is not theirs"


def test_a_row_in_use_is_not_taken_away(world: World, admin: APIClient) -> None:
    profile = DeviceProfile.objects.create(name="Works")
    Node.objects.filter(pk=world.node().pk).update(profile=profile)
    refused = admin.post(f"{API}/device-profiles/{profile.pk}/remove/")
    assert (refused.status_code, refused.json()["error"]) == (409, "illegal-move")
    assert not AuditEvent.objects.filter(action="settings.removed").exists()
    with pytest.raises(TransitionError) as why:
        remove(profile, by=world.admin)
    assert isinstance(why.value.__cause__, ProtectedError)


def test_members_are_named_and_the_trail_says_what_was_written(admin: APIClient) -> None:
    body = {"site": "north", "name": "Neuro", "members": ["resident", "radiologist"]}
    made = sent(admin.post(f"{API}/reading-groups/", body, format="json"), 201)
    assert sorted(made["members"]) == ["radiologist", "resident"]
    assert told("settings.added")["fields"] == ["members", "name", "site"]
    assert admin.post(f"{API}/reading-groups/", body, format="json").status_code == 422
    nobody = admin.patch(f"{API}/reading-groups/{made['id']}/", {"members": ["who"]}, format="json")
    assert nobody.status_code == 400
    assert ReadingGroup.objects.get(name="Neuro").members.count() == 2


def test_somebody_new_gets_roles_and_loses_them_at_once(admin: APIClient) -> None:
    made = sent(admin.post(f"{API}/users/", {"username": "jdoe", "display_name": "Jane"}, format="json"), 201)
    at = f"{API}/users/{made['id']}/"
    person = User.objects.get(username="jdoe")
    assert (person.has_usable_password(), person.is_staff, person.is_superuser) == (False, False, False)
    roles = [{"site": "north", "role": "clerk"}, {"site": "south", "role": "resident"}]
    assert sent(admin.put(f"{at}roles/", {"roles": roles}, format="json"))["roles"] == roles
    program = program_of(person)
    assert program.get(f"{API}/patients/").status_code == 200
    assert sent(admin.put(f"{at}roles/", {"roles": roles[1:]}, format="json"))["roles"] == roles[1:]
    assert [role for _site, role in told("account.roles-changed")["gone"]] == ["clerk"]
    assert sent(admin.patch(at, {"is_active": False}, format="json"))["is_active"] is False
    assert program.get(f"{API}/patients/").status_code == 401
    assert admin.patch(at, {"is_superuser": True}, format="json").status_code == 400


def test_administrators_are_not_changed_by_programs(world: World, admin: APIClient) -> None:
    at = f"{API}/users/{world.admin.pk}/"
    for answer in (
        admin.patch(at, {"email": "thief@example.org"}, format="json"),
        admin.put(f"{at}roles/", {"roles": []}, format="json"),
    ):
        assert answer.status_code == 403
    assert User.objects.get(pk=world.admin.pk).email != "thief@example.org"


def test_the_last_administrator_is_not_switched_off_in_the_admin_either(world: World) -> None:
    page = Client()
    page.force_login(world.admin, BACKEND)
    form = {"username": "admin", "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0, "is_superuser": "on"}
    page.post(f"/admin/accounts/user/{world.admin.pk}/change/", form)
    assert User.objects.get(pk=world.admin.pk).is_active


def test_a_tokens_key_is_told_once_and_taking_it_back_shuts_the_program_out(admin: APIClient) -> None:
    body = {"name": "Ward", "user": "clerk", "scopes": ["orders:read"], "days": 30}
    made = sent(admin.post(f"{API}/api-tokens/", body, format="json"), 201)
    assert (made["read_only"], "key" in sent(admin.get(f"{API}/api-tokens/{made['id']}/"))) == (True, False)
    ward = APIClient(headers={"Authorization": f"Token {made['key']}"})
    assert [ward.get(f"{API}/{one}/").status_code for one in ("orders", "patients")] == [200, 403]
    assert admin.post(f"{API}/api-tokens/{made['id']}/revoke/").status_code == 204
    assert ward.get(f"{API}/orders/").status_code == 401
    assert told("security.token-revoked")["name"] == "Ward"


@pytest.mark.parametrize(
    ("scopes", "days", "status"),
    [(["accounts:read"], 1, 201), (["*"], 1, 403), (["orders:read"], 1, 403), (["accounts:read"], 300, 403)],
)
def test_a_program_gives_no_key_that_reaches_further_or_lasts_longer_than_its_own(
    world: World, scopes: list[str], days: int, status: int
) -> None:
    own, key = ApiToken.issue(world.admin, "people", read_only=False, scopes=["accounts:write"])
    ApiToken.objects.filter(pk=own.pk).update(expires_at=timezone.now() + timedelta(days=30))
    body = {"name": "More", "user": "admin", "scopes": scopes, "days": days}
    answer = APIClient(headers={"Authorization": f"Token {key}"}).post(f"{API}/api-tokens/", body, format="json")
    assert answer.status_code == status, answer.json()
    assert ApiToken.objects.count() == (2 if status == 201 else 1)
