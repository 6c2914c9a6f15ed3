"""A real Chromium in front of the hospital, and what a radiologist does with the images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Frame, Page, Response, sync_playwright

from tests.drawing import draw
from tests.viewer.hospital import Browser, Hospital

T = TypeVar("T")

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--ignore-gpu-blocklist",
]  # fmt: skip
RENDERED = """() => { const c = window.cornerstone; if (!c) return false;
  for (const e of c.getRenderingEngines()) for (const v of e.getViewports())
    if (v.viewportStatus === 'rendered' && v.getImageIds?.().length && v.getImageData?.()) return true;
  return false; }"""
PIXEL = """([x, y]) => { const canvas = document.querySelector('canvas.cornerstone-canvas');
  const v = cornerstone.getRenderingEngines()[0].getViewports()[0];
  const at = v.worldToCanvas(v.getImageData().imageData.indexToWorld([x, y, 0]));
  const scale = canvas.width / canvas.clientWidth;
  return canvas.getContext('2d').getImageData(at[0] * scale, at[1] * scale, 1, 1).data[0]; }"""


def apart(call: Callable[[], T]) -> T:
    """Playwright holds an event loop in this thread, in which Django refuses to ask its database."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


@dataclass
class Screen:
    """One page of one signed-in person, with everything that went wrong on it."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(40_000)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("console", lambda line: self._listen(line.text))
        self.page.on("response", self._judge)

    def _listen(self, text: str) -> None:
        if "Content Security Policy" in text or "Refused to" in text:
            self.faults.append(f"policy: {text[:300]}")

    def _judge(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def viewer(self) -> Frame:
        """OHIF's frame, once an image is drawn in it."""
        frame = self.page.wait_for_selector("iframe#viewer").content_frame()  # type: ignore[union-attr]
        assert frame is not None
        frame.wait_for_function(RENDERED, polling=50)
        return frame

    def drag(self, frame: Frame, tool: str, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Draw with a tool from one image pixel to another."""
        draw(self.page, frame, tool, start, end)


@contextmanager
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def screen(chromium: Chromium, hospital: Hospital, who: Browser) -> Screen:
    """A window of a person who has signed in."""
    address = f"http://localhost:{hospital.port}"
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, base_url=address)
    pairs = [pair.split("=", 1) for pair in who.cookie.split("; ")]
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in pairs])
    return Screen(context.new_page())
