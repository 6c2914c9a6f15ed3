"""The admin: words, and what it may not do."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.dicom.models import Node
from ris.events.models import Delivery
from tests.world import World

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="admin"), BACKEND)
    return client


def typed(node: Node, **changes: str) -> dict[str, str]:
    return {
        "name": node.name, "ae_title": node.ae_title, "host": node.host, "port": str(node.port), "kind": node.kind,
        "modality": node.modality, "charset": node.charset, "active": "on",
    } | changes  # fmt: skip


def test_the_front_page_writes_names_as_people_do(admin: Client) -> None:
    page = admin.get("/admin/").content.decode()
    for words in ("API tokens", "DICOM nodes", "Two-factor sign-in", "Signed-in sessions"):
        assert words in page
    for words in ("Api token", "Dicom", "Email addresses"):
        assert words not in page


def test_saving_a_device_in_the_admin_is_the_action_of_the_page(admin: Client, world: World) -> None:
    node = world.node()
    answer = admin.post(f"/admin/dicom/node/{node.pk}/change/", typed(node, port="4006"))
    assert answer.status_code == 302
    node.refresh_from_db()
    assert node.port == 4006
    assert AuditEvent.objects.get(action="device.changed").detail["fields"] == ["port"]
    assert Delivery.objects.filter(subscriber="dicom.modalities").count() == 1


def test_a_new_device_in_the_admin_is_told_to_the_archive(admin: Client, world: World) -> None:
    new = typed(world.node(), ae_title="NEW1", site=str(world.south.pk))
    assert admin.post("/admin/dicom/node/add/", new).status_code == 302
    node = Node.objects.get(ae_title="NEW1")
    assert node.site == world.south
    assert AuditEvent.objects.get(action="device.added").target_id == str(node.pk)
    assert Delivery.objects.get(subscriber="dicom.modalities").event.target_id == str(node.pk)


def test_a_host_that_can_be_no_device_is_refused_beside_its_field(admin: Client, world: World) -> None:
    node = world.node()
    answer = admin.post(f"/admin/dicom/node/{node.pk}/change/", typed(node, host="169.254.169.254"))
    assert answer.status_code == 200
    assert "one machine of your network" in answer.content.decode()
    node.refresh_from_db()
    assert node.host == "127.0.0.1"


def test_a_device_is_switched_off_and_never_deleted(admin: Client, world: World) -> None:
    node = world.node()
    assert admin.post(f"/admin/dicom/node/{node.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Node.objects.filter(pk=node.pk).exists()


def test_a_lost_second_factor_is_removed_with_a_trace_and_its_secret_is_not_shown(admin: Client, world: World) -> None:
    factor = Authenticator.objects.create(user=world.clerk, type="totp", data={"secret": "TOPSECRET"})
    assert "TOPSECRET" not in admin.get(f"/admin/mfa/authenticator/{factor.pk}/change/").content.decode()
    assert admin.post(f"/admin/mfa/authenticator/{factor.pk}/change/", {"type": "totp"}).status_code == 403
    assert admin.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()
    row = AuditEvent.objects.get(action="session.factor-removed")
    assert (row.target_id, row.event_code) == (str(world.clerk.pk), "110114")


def test_each_control_of_a_row_and_of_a_time_says_what_it_is(admin: Client) -> None:
    rows = admin.get("/admin/orders/procedure/add/").content.decode()
    assert re.search(r'<input[^>]*name="billing_codes-0-code"[^>]*aria-label="Code"', rows)
    moment = admin.get("/admin/accounts/apitoken/add/").content.decode()
    for part in ("id_expires_at_0", "id_expires_at_1"):
        assert f'<label for="{part}">' in moment
