"""From the click to the first image, and to the last frame of the series, beside a fresh OHIF on nginx -> Orthanc.

Each measurement has a browser profile of its own, so nothing is in any cache. Ours, behind the nginx configuration that
ships in deploy/nginx, and the peer's take turns.
"""

from __future__ import annotations

import json
import statistics
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.bench import viewer_peer
from tests.bench.figures import Figure, Record
from tests.e2e.browser import Person, chromium
from tests.e2e.system import running_system
from tests.services.nginx import front

ROUNDS = 5
PEER = "OHIF on nginx -> Orthanc"
CASES = {"Alpha": 120, "Beta": 120, "Large": 600}
SLICES = 120
# Each is opened once, by one of the two: of these nothing but what the RIS fetches by itself is in any cache.
COLD = {whose: [f"{whose}{number}" for number in range(ROUNDS)] for whose in ("Ours", "Theirs")}
# In every document: when the first image was drawn (a pane without pixels is rendered too, and does not count). In ours
# also: when somebody clicked, and when it was shown.
NOTE = """performance.setResourceTimingBufferSize(5000);
const look = () => {
  const panes = window.cornerstone?.getRenderingEngines().flatMap((engine) => engine.getViewports()) ?? [];
  if (!panes.some((pane) => pane.getCornerstoneImage?.())) return;
  clearInterval(looking);
  top.firstImage ??= performance.timeOrigin + performance.now(); };
const looking = setInterval(look, 20); // the pixels may come after the last event
document.addEventListener('CORNERSTONE_IMAGE_RENDERED', look, true);
if (window === top) {
  document.addEventListener('click', () => { window.clicked = performance.now(); window.shown = 0; }, true);
  document.addEventListener('viewer:shown', () => requestAnimationFrame(() => { window.shown = performance.now(); }));
}"""
# From the first question to the archive to the last byte of the last frame; nothing until all frames are there.
ALL_FRAMES = """(slices) => {
  const inside = document.getElementById('viewer')?.contentWindow ?? window;
  const asked = inside.performance.getEntriesByType('resource').filter((one) => one.name.includes('/dicom-web/'));
  const frames = asked.filter((one) => one.name.endsWith('/frames/1') && one.responseEnd);
  if (new Set(frames.map((one) => one.name)).size < slices) return 0;
  return Math.max(...frames.map((one) => one.responseEnd)) - Math.min(...asked.map((one) => one.startTime));
}"""
TURNABLE = "() => document.getElementById('viewer')?.contentWindow?.commandsManager?.getCommand?.('navigateHistory')"
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Bench:
    """Both installations over one archive, the cases in it, a browser, and a signed-in reader's cookies."""

    address: str
    peer: str
    cases: dict[str, dict[str, str]]
    browser: Browser
    cookies: list[dict[str, object]]

    def fresh(self) -> BrowserContext:
        context = self.browser.new_context(viewport={"width": 1400, "height": 900})
        context.add_cookies(self.cookies)  # type: ignore[arg-type]
        context.add_init_script(NOTE)
        return context


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with running_system(PIXELS="nginx", TRUST_PROXY="1") as system, chromium() as browser:
        cases = CASES | dict.fromkeys(COLD["Ours"] + COLD["Theirs"], SLICES)
        code = f"from tests.bench.viewer_cases import make; make({cases!r})"
        said = system.manage("shell", "--verbosity", "0", "--command", code).stdout
        orthanc = urlsplit(system.env["ORTHANC_URL"]).netloc
        credentials = (system.env.get("ORTHANC_USERNAME", "isocenter"), system.secret("ORTHANC_PASSWORD"))
        authorization = "Basic " + b64encode(":".join(credentials).encode()).decode()
        with (
            viewer_peer.nginx(tmp_path, orthanc=orthanc, credentials=credentials) as peer,
            front(urlsplit(system.address).port or 80, orthanc, authorization) as port,
        ):
            ours = f"http://localhost:{port}"
            cookies = Person(browser, ours, "radiologist").page.context.cookies()
            yield Bench(ours, peer, json.loads(said), browser, [dict(one) for one in cookies])


def bench_first_image(bench: Bench, record: Record) -> None:
    times: Times = defaultdict(list)
    for at in range(ROUNDS + 1):
        found = {
            "peer-120": fresh(bench, theirs(bench, "Alpha")),
            "fresh-120": fresh(bench, ours(bench, "Alpha")),
            **session(bench),
            "peer-600": fresh(bench, theirs(bench, "Large")),
            "fresh-600": fresh(bench, ours(bench, "Large")),
        }
        for name, value in found.items() if at else ():  # the first round fills the server's caches
            times[name].append(value)
    for case, peer in {"next-study": "120", "first-study": "120", "fresh-120": "120", "fresh-600": "600"}.items():
        mine, other = (round(statistics.median(times[name]), 1) for name in (case, f"peer-{peer}"))
        record.add(Figure("viewer", case, "first_image_ms", mine, "ms", PEER, other))


def bench_all_frames(bench: Bench, record: Record) -> None:
    times: Times = defaultdict(list)
    for name in ("Alpha", "Beta"):  # once for the server's caches
        frames(bench, ours(bench, name))
        frames(bench, theirs(bench, name))
    for at in range(ROUNDS):
        for case, mine, other in (("cold", COLD["Ours"][at], COLD["Theirs"][at]), ("cached", "Alpha", "Alpha")):
            found = {case: frames(bench, ours(bench, mine)), f"peer-{case}": frames(bench, theirs(bench, other))}
            for name, value in found.items():
                times[name].append(value)
    for case in ("cold", "cached"):
        mine_ms, theirs_ms = (round(statistics.median(times[name]), 1) for name in (case, f"peer-{case}"))
        record.add(Figure("viewer", f"series-{case}", "last_frame_ms", mine_ms, "ms", PEER, theirs_ms))


def ours(bench: Bench, name: str) -> str:
    return f"{bench.address}/viewer/?StudyInstanceUIDs={bench.cases[name]['study']}"


def theirs(bench: Bench, name: str) -> str:
    return f"{bench.peer}/viewer?StudyInstanceUIDs={bench.cases[name]['study']}"


def frames(bench: Bench, address: str) -> float:
    """Milliseconds from the first DICOMweb request to the last frame of the series, in a fresh load."""
    context = bench.fresh()
    page = context.new_page()
    page.goto(address, wait_until="commit")
    found = page.wait_for_function(ALL_FRAMES, arg=SLICES, timeout=180_000, polling=50).json_value()
    context.close()
    return float(found)


def fresh(bench: Bench, address: str) -> float:
    """Milliseconds from asking for the page to its first image."""
    context = bench.fresh()
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.firstImage", timeout=60_000, polling=20)
    found = page.evaluate("() => window.firstImage - performance.timeOrigin")
    context.close()
    return float(found)


def session(bench: Bench) -> dict[str, float]:
    """A reader comes to the list, opens one case, goes back to the list and opens the next."""
    context = bench.fresh()
    page = context.new_page()
    page.goto(f"{bench.address}/worklist/reading/")
    page.wait_for_function(TURNABLE, timeout=60_000)
    page.wait_for_timeout(2500)
    found = {"first-study": opened(page, "Alpha")}
    page.wait_for_timeout(1500)
    page.click("[data-room-list]")
    page.wait_for_selector("#cases")
    found["next-study"] = opened(page, "Beta")
    context.close()
    return found


def opened(page: Page, name: str) -> float:
    page.locator("tr", has_text=name).locator(".row-link").click()
    page.wait_for_function("() => window.shown", timeout=60_000, polling=20)
    assert page.get_attribute("#viewer-keep", "data-how") == "inside"
    return float(page.evaluate("() => window.shown - window.clicked"))
