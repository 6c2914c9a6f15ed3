"""What benches share."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.bench.figures import Record


@pytest.fixture(scope="session")
def records() -> dict[str, Record]:
    """One file for each name in a run, however many files of benches write to it."""
    return {}


@pytest.fixture(scope="module")
def record(request: pytest.FixtureRequest, records: dict[str, Record]) -> Record:
    """Where this bench writes: build/bench/<name>.jsonl."""
    name = request.path.stem.split("_")[1]
    if name not in records:
        records[name] = Record(settings.BUILD_DIR / "bench" / f"{name}.jsonl")
    return records[name]
