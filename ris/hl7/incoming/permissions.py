from __future__ import annotations

from django.db import models

from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import NotPermitted
from ris.hl7.incoming.record import InboundMessage, Sender

VIEW = "interface.view"
MANAGE = "interface.manage"
WORDS = "Messages from other systems are for the administrators of a site."


def may_manage(actor: Actor, message: InboundMessage) -> bool:
    """What came from nobody who is entered belongs to no site: it is for those who look after the installation."""
    return actor.may(MANAGE, message.site_id)


def require_manage(actor: Actor, message: InboundMessage) -> None:
    if not may_manage(actor, message):
        raise NotPermitted(WORDS)


def senders_of(user: User) -> models.QuerySet[Sender]:
    """As whom a person may try a message."""
    return Sender.objects.filter(site__in=user.sites_where(MANAGE), active=True).select_related("site")


def require_rehearse(actor: Actor, sender: Sender) -> None:
    if not actor.may(MANAGE, sender.site_id):
        raise NotPermitted(WORDS)
