from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser

from ris.demo.supervisor.installation import ROOT
from tests.e2e.browser import chromium
from tests.e2e.system import System, running_system


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """A whole Isocenter, running."""
    with running_system() as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed journey leaves a picture of every open page, and the logs of every process, under build/e2e/."""
    report = yield
    found = getattr(item, "funcargs", {})
    if report.when == "call" and report.failed and "system" in found:
        place = ROOT / "build" / "e2e" / item.name
        place.mkdir(parents=True, exist_ok=True)
        for log in found["system"].folder.glob("*.log"):
            (place / log.name).write_bytes(log.read_bytes())
        for number, page in enumerate(page for context in found["browser"].contexts for page in context.pages):
            page.screenshot(path=str(place / f"page-{number}.png"))
    return report
