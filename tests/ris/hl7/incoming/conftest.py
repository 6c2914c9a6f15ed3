from __future__ import annotations

import pytest

from ris.hl7.incoming.record import Sender
from tests.ris.hl7.incoming.hospital import a_sender
from tests.world import World


@pytest.fixture
def sender(world: World) -> Sender:
    return a_sender(world.north)
