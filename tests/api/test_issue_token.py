"""manage.py issue_token."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from ris.accounts.models import ApiToken
from ris.audit.models import AuditEvent
from tests.world import World

PATIENTS = "/api/v1/patients/"
NOBODY = {"family_name": "X", "site": "north", "sparse": True}


def issued(*arguments: str) -> APIClient:
    """A client with the key that the command printed."""
    said = StringIO()
    call_command("issue_token", *arguments, stdout=said)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {said.getvalue().strip()}")
    return client


def test_the_printed_key_reads_and_only_reads(world: World) -> None:
    program = issued("clerk", "Export")
    assert program.get(PATIENTS).status_code == 200
    assert program.post(PATIENTS, NOBODY, format="json").status_code == 403
    assert AuditEvent.objects.get(action="security.token-issued").detail["owner"] == world.clerk.pk


def test_a_key_for_writing_writes_until_it_expires(world: World) -> None:
    program = issued("clerk", "Import", "--write", "--days", "2")
    assert program.post(PATIENTS, NOBODY, format="json").status_code == 201
    left = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody", "X"], "no active user"),
        (["clerk", "X", "--days", "0"], "1 to 3650"),
        (["clerk", "X", "--days", "9999"], "1 to"),
    ],
)
def test_what_cannot_be_issued_is_told(world: World, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("issue_token", *arguments)
    assert not ApiToken.objects.exists()
