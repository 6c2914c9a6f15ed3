"""What is wrong with how the outbox is set up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

LONGEST_WAIT: Final = 33  # seconds: an archive that hangs, its connection and one answer


@register
def lease(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:
    """A lease that ends while its worker still waits for the peer."""
    seconds = settings.DELIVERY_LEASE_SECONDS
    hint = "Leave DELIVERY_LEASE_SECONDS at 90."
    if seconds < 1:
        return [Error("Nobody could hold a delivery.", hint=hint, id="ris.events.E001")]
    if seconds <= LONGEST_WAIT:
        said = f"Deliveries are taken over after {seconds} s, while their worker may still wait for an answer."
        return [Caution(said, hint=hint, id="ris.events.W001")]
    return []
