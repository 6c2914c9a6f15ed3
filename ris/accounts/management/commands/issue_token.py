"""`manage.py issue_token USERNAME NAME`: a key with which a program acts for a person in the API."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import ApiToken, User
from ris.core.actors import SystemActor

LONGEST = 3650


class Command(BaseCommand):
    help = "Issue an API token. The key is printed once and kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="whose rights it has")
        parser.add_argument("name", help="which program it is for, at most 80 characters")
        parser.add_argument("--write", action="store_true", help="it may also change things")
        parser.add_argument("--days", type=int, default=365, help="how long it is valid (365)")

    @transaction.atomic
    def handle(self, *, username: str, name: str, write: bool, days: int, **_: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {username}.")
        if not 1 <= days <= LONGEST:
            raise CommandError(f"A token is valid for 1 to {LONGEST} days.")
        token, key = ApiToken.issue(user, name[:80], read_only=not write)
        token.expires_at = timezone.now() + timedelta(days=days)
        token.save(update_fields=["expires_at"])
        audit.record("security.token-issued", token, by=SystemActor("system"), owner=user.pk, read_only=not write)
        self.stdout.write(key)
