"""A real Chromium, and what a person does in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Frame, Page, Response, sync_playwright

from ris.demo.modality.pixels import Lesion
from ris.demo.seed import PASSWORD
from tests.drawing import draw

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
RENDERED = """() => { const c = window.cornerstone; if (!c) return false;
  for (const e of c.getRenderingEngines()) for (const v of e.getViewports())
    if (v.viewportStatus === 'rendered' && v.getImageIds?.().length) return true;
  return false; }"""
DRAWN = """() => { const canvas = document.querySelector('canvas.cornerstone-canvas');
  const { width, height } = canvas;
  const data = canvas.getContext('2d').getImageData(width >> 2, height >> 2, width >> 1, height >> 1).data;
  const seen = new Set(); for (let i = 0; i < data.length; i += 4) seen.add(data[i]);
  return seen.size > 20; }"""
TO_SLICE = """async (n) => { const v = cornerstone.getRenderingEngines()[0].getViewports()[0];
  await v.setImageIdIndex(n); v.render(); }"""
AT_SLICE = "(n) => cornerstone.getRenderingEngines()[0].getViewports()[0].getCurrentImageIdIndex() === n"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def press(page: Page, *keys: str) -> None:
    """Press keys on a page that listens: its modules have run when it says that it is loaded."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


class Person:
    """Somebody at a screen of their own."""

    def __init__(self, browser: Browser, address: str, username: str) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.faults: list[str] = []
        self.addresses: set[str] = set()
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", lambda request: self.addresses.add(request.url.split("/")[2]))
        self.page.on("response", self._note_fault)
        self.page.goto("/accounts/login/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(address + "/")

    def _note_fault(self, answer: Response) -> None:
        if answer.status >= 400:
            self.faults.append(f"{answer.status} {answer.url}")

    def viewer(self) -> Frame:
        """OHIF's frame once it has drawn an image."""
        element = self.page.wait_for_selector("iframe")
        frame = element.content_frame() if element else None
        assert frame is not None
        frame.wait_for_function(RENDERED, timeout=90_000)
        return frame

    def measure(self, frame: Frame, lesion: Lesion, slices: int) -> None:
        """Draw a Length across the lesion with the mouse, on the slice through its middle."""
        frame.evaluate(TO_SLICE, slices // 2)
        frame.wait_for_function(AT_SLICE, arg=slices // 2)
        (column, row), radius = lesion.centre_pixel, lesion.radius_pixels
        draw(self.page, frame, "Length", (column - radius, row), (column + radius, row))
