"""`manage.py issue_token USERNAME NAME`: a key with which a program acts for a person in the API."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from ris.accounts.issuing import issue
from ris.accounts.models import ApiToken, User
from ris.accounts.scopes import EVERYTHING, WORDS, writes
from ris.core.actors import SystemActor

LONGEST = 3650


class Command(BaseCommand):
    help = "Issue an API token. The key is printed once and kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="whose rights it has")
        parser.add_argument("name", help="which program it is for, at most 80 characters")
        parser.add_argument("--write", action="store_true", help="it may also change things")
        parser.add_argument(
            "--scope", action="append", default=[], metavar="AREA:VERB", dest="scopes",
            help="only this area, such as patients:read or orders:write; several are given one by one",
        )  # fmt: skip
        parser.add_argument("--days", type=int, default=365, help="how long it is valid (365)")

    @transaction.atomic
    def handle(self, *, username: str, name: str, write: bool, scopes: list[str], days: int, **_: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {username}.")
        if not 1 <= days <= LONGEST:
            raise CommandError(f"A token is valid for 1 to {LONGEST} days.")
        if unknown := set(scopes) - set(WORDS):
            raise CommandError(f"{', '.join(sorted(unknown))} is no scope. There are: {', '.join(WORDS)}.")
        token = ApiToken(user=user, name=name[:80], expires_at=timezone.now() + timedelta(days=days))
        token.scopes = scopes or [EVERYTHING]
        token.read_only = not writes(scopes) if scopes else not write
        self.stdout.write(issue(token, by=SystemActor("system")))
