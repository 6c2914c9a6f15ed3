"""From the press of "Save measurements" to the value on the screen: OHIF, STOW, archive, sandbox, report, poll."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from ris.demo.modality.images.ct import CT_LESION
from tests.bench.figures import Figure, Record
from tests.e2e.browser import Person, chromium
from tests.e2e.system import System, running_system
from tests.e2e.test_journey import SLICES, book_a_chest_ct, far_hour

SAVES = 9
SAVE = """async () => { const shown = () => document.querySelector('.measured__value')?.dataset.value ?? '';
  const before = shown(), began = performance.now();
  document.getElementById('save-measurements').click();
  while (shown() === before) {
    if (performance.now() - began > 60000) throw new Error('no value came');
    await new Promise((done) => setTimeout(done, 5));
  }
  return performance.now() - began; }"""


@pytest.fixture
def system() -> Iterator[System]:
    with running_system() as one:
        yield one


def bench_saving(system: System, record: Record) -> None:
    with chromium() as browser:
        accession = book_a_chest_ct(Person(browser, system.address, "clerk"), far_hour())
        system.manage("simulate_modality", "--aet", "CT1", "--accession", accession, "--once")
        radiologist = Person(browser, system.address, "radiologist")
        page = radiologist.page
        page.goto("/worklist/reading/")
        page.wait_for_selector(f"text={accession}", timeout=60_000)
        page.locator("tr", has_text=accession).get_by_role("button", name="Read").click()
        frame = radiologist.viewer()
        took = [saved_ms(radiologist, page, frame, number) for number in range(SAVES + 1)]
    median = round(statistics.median(took[1:]), 1)
    record.add(Figure("sr", f"saves={SAVES}", "save_to_field_ms", median, "ms"))
    record.add(Figure("sr", f"saves={SAVES}", "save_to_field_worst_ms", round(max(took[1:]), 1), "ms"))


def saved_ms(radiologist: Person, page: Page, frame: object, number: int) -> float:
    """One more length, each on its own slice and longer than the one before."""
    lesion = replace(CT_LESION, diameter_mm=CT_LESION.diameter_mm + 2 * number)
    radiologist.measure(frame, lesion, SLICES - 8 * number)  # type: ignore[arg-type]
    page.wait_for_selector("#save-measurements:not([disabled])")
    return float(page.evaluate(SAVE))
