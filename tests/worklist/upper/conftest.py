from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.worklist.upper.lean import Lean
from tests.worklist.upper.stub import Stub, serving
from worklist.upper.server import Server


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def server(stub: Stub) -> Iterator[Server]:
    with serving(stub) as running:
        yield running


@pytest.fixture
def lean(server: Server) -> Iterator[Lean]:
    """A raw connection to the server, nothing said yet."""
    with Lean(server.server_address[1]) as connection:
        yield connection
