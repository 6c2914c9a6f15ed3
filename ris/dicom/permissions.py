from __future__ import annotations

from ris.core.actors import Actor
from ris.core.errors import NotPermitted

WORDS = "Devices are for the administrators of their site."


def may_manage(actor: Actor, site_id: int) -> bool:
    return actor.may("device.manage", site_id)


def require_manage(actor: Actor, site_id: int) -> None:
    if not may_manage(actor, site_id):
        raise NotPermitted(WORDS)
