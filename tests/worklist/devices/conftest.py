from __future__ import annotations

from django.test import Client

from ris.accounts.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Browser(Client):
    """A browser of one person."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.force_login(user, BACKEND)
