"""UIDs and accession numbers of a test's own."""

from __future__ import annotations

import secrets

import pytest

from ris.orders.models import AccessionSequence
from tests.reporting.conftest import own_uids
from tests.world import World

__all__ = ["own_numbers", "own_uids"]


@pytest.fixture
def own_numbers(world: World, own_uids: None) -> None:
    """The archive of the run keeps the studies of other tests under their accession numbers."""
    AccessionSequence.objects.update_or_create(
        site=world.north, defaults={"next_number": secrets.randbelow(9_000_000) + 1}
    )
