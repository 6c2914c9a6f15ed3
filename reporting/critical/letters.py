"""Mail to a contact who is reached so. It names neither the patient nor what was found: the page that it leads to does.

A mail server that is down loses nothing: the letter waits with the other messages, and is sent again.
"""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from reporting.critical.record import CriticalFinding, EscalationContact
from reporting.critical.whom import page_for
from reporting.lifecycle import CRITICAL
from ris.core.actors import SystemActor
from ris.notifications.actions import Letter, post
from ris.notifications.models import EMAIL, Message

TIMER = SystemActor("critical")


def write_to(contact: EscalationContact, critical: CriticalFinding, step: int) -> None:
    """Queue a letter when the contact is reached at a mail address; part of the passing on."""
    address = contact.reach.strip()
    if not _is_mail(address):
        return
    letter = Letter(
        key=f"critical/{critical.pk}/{step}/mail", channel=EMAIL, kind="notice", site=critical.site, address=address,
        subject="Nobody has read back a critical finding", text=_text(critical, page_for(contact.user, critical)),
        about_kind=CriticalFinding._meta.label_lower, about_id=critical.pk,
    )  # fmt: skip
    post(letter, by=TIMER)


def is_still_open(message: Message) -> bool:
    """Whether the finding that a letter is about still waits for somebody."""
    return CriticalFinding.objects.filter(pk=message.about_id or 0, state__in=CRITICAL.groups["open"]).exists()


def _is_mail(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _text(critical: CriticalFinding, path: str) -> str:
    numbers = critical.task.requested_procedures.order_by("pk").values_list("accession_number", flat=True)
    page = urljoin(settings.PUBLIC_URL, path)
    return (
        f"A critical finding of accession {', '.join(dict.fromkeys(numbers))} was read back by nobody in time. "
        f"Whom to call, or not to call any more, stands here:\n\n{page}\n"
    )
