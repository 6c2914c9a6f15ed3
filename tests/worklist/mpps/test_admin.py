"""The administrator looks at what devices said, and cannot change it."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.world import World
from worklist.models import MppsMessage


def test_messages_are_shown_with_their_answer_and_without_their_bytes(world: World, client: Client) -> None:
    message = MppsMessage.objects.create(
        node=world.node(), sop_instance_uid="2.25.5", operation="N-SET", state="refused", status=0x0110, body=b"secret"
    )
    client.force_login(world.admin)
    page = reverse("admin:worklist_mppsmessage_change", args=[message.pk])

    listed = client.get(reverse("admin:worklist_mppsmessage_changelist")).content.decode()
    shown = client.get(page).content.decode()
    refused = client.post(page, {"status": "0"})

    assert "0110" in listed
    assert "2.25.5" in shown
    assert "secret" not in shown
    assert refused.status_code == 403
    message.refresh_from_db()
    assert message.status == 0x0110
