"""Mail through Django's backend (EMAIL_URL)."""

from __future__ import annotations

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from ris.events.errors import DeliveryError
from ris.notifications.models import Message


def is_configured() -> bool:
    return bool(settings.EMAIL_CONFIGURED)


def message_id(message: Message) -> str:
    """The same at each attempt, so that a second copy is known as one (RFC 5322 §3.6.4)."""
    return f"<{message.uid}@{urlsplit(settings.PUBLIC_URL).hostname or 'isocenter.invalid'}>"


def carry(message: Message) -> None:
    """Raises DeliveryError; a permanent one when the server will never take it. Answers are told by number only."""
    try:
        _mail_of(message).send()
    except smtplib.SMTPRecipientsRefused as error:
        code = next((code for code, _words in error.recipients.values()), 0)
        raise DeliveryError(f"The mail server refused the recipient ({code}).", permanent=code >= 500) from error
    except smtplib.SMTPDataError as error:
        words = f"The mail server refused the mail ({error.smtp_code})."
        raise DeliveryError(words, permanent=error.smtp_code >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(f"The mail server does not take mail now ({type(error).__name__}).") from error


def _mail_of(message: Message) -> EmailMessage:
    headers = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"}
    if message.stop_link:
        headers |= {
            "List-Unsubscribe": f"<{message.stop_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    mail = EmailMessage(message.subject, message.text, to=[message.address], headers=headers)
    for item in message.attachments:
        mail.attach(item["name"], item["body"], item["type"])
    return mail
