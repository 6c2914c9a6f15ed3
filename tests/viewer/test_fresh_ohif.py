"""A fresh OHIF, as npm delivers it, starts on the printed configuration as it is and draws an image of Orthanc.

What a hospital would put in front of both is played by a small server: the viewer's files, the one configuration, and
the archive behind a password that the browser does not have.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Browser

from tests.e2e.browser import DRAWN, RENDERED, chromium
from tests.ris.dicom.objects import new_uid
from tests.services.orthanc import Server
from tests.viewer.objects import Place, image
from viewer.ohif.fetch import fetch, unpack

pytestmark = [pytest.mark.e2e, pytest.mark.orthanc]
ROOT = "/pacs/dicom-web"


class Hospital(SimpleHTTPRequestHandler):
    """One origin: /app-config.js as printed, /pacs/dicom-web/ the archive, all else the viewer."""

    config = b""
    archive: Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/app-config.js":
            self._send(200, "text/javascript", self.config)
        elif path.startswith(ROOT + "/"):
            self._ask_archive()
        else:
            if "." not in path.rsplit("/", maxsplit=1)[-1]:
                self.path = "/index.html"
            super().do_GET()

    def _ask_archive(self) -> None:
        """The Accept of each answer is ours, as orthanc.md says: Orthanc 1.10 can do little of what OHIF asks for."""
        url, accept = self.path.removeprefix("/pacs"), "application/dicom+json"
        if "/frames/" in url:
            accept = "multipart/related; type=application/octet-stream; transfer-syntax=*"
        elif "/rendered" in url:
            url, accept = url.partition("?")[0], "image/jpeg"
        found = requests.get(
            self.archive.url + url, auth=self.archive.credentials, headers={"Accept": accept}, timeout=30
        )
        self._send(found.status_code, found.headers.get("Content-Type", ""), found.content)

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named by the library
        return


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def address(orthanc: Server, tmp_path: Path) -> Iterator[str]:
    dist = unpack(fetch(Path(settings.BUILD_DIR) / "npm"), tmp_path / "ohif") / "dist"
    out = StringIO()
    call_command("ohif_config", "--dicomweb", ROOT, stdout=out)
    Hospital.config, Hospital.archive = out.getvalue().encode(), orthanc
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Hospital, directory=str(dist)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_it_draws_an_image_of_the_archive(address: str, orthanc: Server, browser: Browser) -> None:
    place, series = Place(new_uid(), "P-1"), new_uid()
    for number in range(1, 4):
        stored = orthanc.archive().store([image(place, series, new_uid(), number)])
        assert stored.stored
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/viewer?StudyInstanceUIDs={place.study}")
    page.wait_for_function(RENDERED, timeout=90_000)
    page.wait_for_function(DRAWN, timeout=30_000)
    assert page.evaluate("() => window.config.dataSources[0].configuration.wadoRoot") == ROOT
    assert faults == []
