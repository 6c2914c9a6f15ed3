"""How this house uses allauth: nobody signs up, admins make accounts; security keys are called passkeys."""

from __future__ import annotations

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context, ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from ris.accounts.models import User
from ris.core.errors import Unavailable

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made in the admin."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """The ways to confirm that it is oneself, in our words."""
        words = {"mfa_reauthenticate": "Use a code instead", "mfa_reauthenticate:webauthn": "Use a passkey instead"}
        found = super().get_reauthentication_methods(user)
        return [one | {"description": words.get(one["id"], "Use your password instead")} for one in found]

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the password of who is signed in already; wrong ones are counted by person.

        Not by address, as at the sign-in: a whole department may come from one address, and nobody there may be
        kept from signing because others mistype, or all sign in the same second.
        Raises ValidationError (code `too_many_login_attempts`).
        """
        counted = {"action": "reauthenticate_failed", "user": user}
        if not ratelimit.consume(context.request, dry_run=True, **counted):
            raise self.validation_error("too_many_login_attempts")
        found = authenticate(context.request, username=user.get_username(), password=password)
        if found is None or found.pk != user.pk:
            ratelimit.consume(context.request, **counted)
            return False
        return True

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one mail; raises Unavailable when the mail server does not take it."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail %s not sent (%s)", template_prefix, type(error).__name__)
            raise Unavailable("Mail cannot be sent right now. Try again later, or ask your administrator.") from error


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: what authenticators show of this house, and what is said when one is refused."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": "This was not accepted. Please try again."}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Isocenter"}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  the library's name
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"
