"""Three planes and a rendered volume in the frame of our page; cross-origin isolation by a setting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings
from playwright.sync_api import Browser as Chromium

from tests.viewer.films import film
from tests.viewer.hospital import Hospital
from tests.viewer.objects import Place, image
from tests.viewer.screen import PIXEL, apart, chromium, screen
from viewer.isolation import HEADERS

SLICES = 24
ISOLATED = "() => [crossOriginIsolated, typeof SharedArrayBuffer !== 'undefined']"
KINDS = """() => (window.cornerstone?.getRenderingEngines() ?? []).flatMap((e) => e.getViewports())
  .filter((v) => v.getActors?.().length && v.viewportStatus !== 'noData').map((v) => v.type)"""
# How many of the panes show something: more than one grey among every seventh pixel.
DRAWN = """() => [...document.querySelectorAll('canvas.cornerstone-canvas')].filter((c) => {
  const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; const seen = new Set();
  for (let i = 0; i < data.length; i += 28) seen.add(data[i]); return seen.size > 1; }).length"""


def slab(place: Place, root: str) -> list[bytes]:
    return [image(place, f"{root}1", f"{root}1.{at}", at) for at in range(1, SLICES + 1)]


@pytest.fixture(scope="module")
def volume(hospital: Hospital) -> Place:
    return film(hospital.world, "Volker", "CT", slab)


@pytest.fixture(scope="module")
def window(volume: Place) -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.mark.e2e
def test_planes_and_a_volume_are_drawn_inside_our_page(hospital: Hospital, volume: Place, window: Chromium) -> None:
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    found.page.goto(f"/viewer/?StudyInstanceUIDs={volume.study}&hangingprotocolId=fourUp")
    frame = found.page.wait_for_selector("iframe#viewer").content_frame()  # type: ignore[union-attr]
    assert frame is not None
    frame.wait_for_function(f"() => ({KINDS})().length === 4 && ({DRAWN})() === 4", polling=250)
    assert sorted(frame.evaluate(KINDS)) == ["orthographic"] * 3 + ["volume3d"]
    assert frame.evaluate(ISOLATED) == [False, False]
    assert found.faults == []
    found.page.context.close()


@pytest.mark.e2e
def test_an_isolated_page_draws_images_and_shares_memory(hospital: Hospital, volume: Place, window: Chromium) -> None:
    with override_settings(CROSS_ORIGIN_ISOLATION=True):
        found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
        found.page.goto(f"/viewer/?StudyInstanceUIDs={volume.study}")
        frame = found.viewer()
        assert frame.evaluate(ISOLATED) == [True, True]
        assert frame.evaluate(PIXEL, [32, 32]) > frame.evaluate(PIXEL, [4, 4])
        assert found.faults == []
        found.page.context.close()


@pytest.mark.django_db
def test_isolation_is_off_until_it_is_asked_for(client: Client) -> None:
    assert "Cross-Origin-Embedder-Policy" not in client.get("/accounts/login/")
    with override_settings(CROSS_ORIGIN_ISOLATION=True):
        answer = client.get("/accounts/login/")
        assert {name: answer[name] for name in HEADERS} == HEADERS
