from __future__ import annotations

from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import NotPermitted


def require_manage(actor: Actor, site: Site) -> None:
    if not actor.may("delivery.manage", site.pk):
        raise NotPermitted("Webhooks are for the administrators of their site.")
