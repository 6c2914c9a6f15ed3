"""How this house uses allauth: nobody signs up; admins make accounts."""

from __future__ import annotations

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from ris.core.errors import Unavailable

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made in the admin."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one mail; raises Unavailable when the mail server does not take it."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail %s not sent (%s)", template_prefix, type(error).__name__)
            raise Unavailable("Mail cannot be sent right now. Try again later, or ask your administrator.") from error
