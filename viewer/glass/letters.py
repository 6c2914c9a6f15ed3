"""Mail about an emergency access, to those whom EMERGENCY_ACCESS_MAIL names.

It names nobody who is examined, and not the reason, in which somebody may stand: both are on the page that it leads to.
A mail server that is down loses nothing: the letter waits with the other messages, and is sent again.
"""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from ris.accounts.models import Site
from ris.core.actors import SystemActor
from ris.notifications.actions import Letter, post
from ris.notifications.models import EMAIL
from viewer.glass.models import EmergencyAccess

WATCH = SystemActor("emergency-watch")


def write(access: EmergencyAccess) -> None:
    """Queue a letter to each, with the access that it tells of or not at all."""
    site = access.site or Site.objects.order_by("pk").first()
    if site is None:
        return
    for address in settings.EMERGENCY_ACCESS_MAIL:
        letter = Letter(
            key=f"emergency-access/{access.pk}/{address}"[:120], channel=EMAIL, kind="notice", site=site,
            address=address, subject="Emergency access to a study", text=_text(access),
            about_kind=EmergencyAccess._meta.label_lower, about_id=access.pk,
        )  # fmt: skip
        post(letter, by=WATCH)


def _text(access: EmergencyAccess) -> str:
    page = urljoin(settings.PUBLIC_URL, reverse("viewer:emergency-review", args=[access.pk]))
    return (
        f"{access.user.display} opened a study that is not theirs to read, as an emergency, "
        f"at {access.opened_at:%Y-%m-%d %H:%M} UTC. The reason, and what is to be done, stand here:\n\n{page}\n"
    )
