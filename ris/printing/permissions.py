from __future__ import annotations

from ris.core.actors import Actor
from ris.core.errors import NotPermitted


def may_print(actor: Actor, site_id: int) -> bool:
    return actor.may("paper.print", site_id)


def require_print(actor: Actor, site_id: int) -> None:
    if not may_print(actor, site_id):
        raise NotPermitted("Slips, labels and wristbands are printed by the clerks and technologists of a site.")
