"""The real Orthanc of a test run: one per pytest worker (it starts in a fifth of a second), on free ports.

`orthanc`          the shared one, with Django's settings pointing at it; use UIDs of your own
`fresh_orthanc()`  one of your own, to be stopped, frozen or killed; settings are not changed
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pytest_django import Settings

from ris.dicom.archive.dicomweb import DicomwebArchive
from ris.dicom.archive.orthanc import OrthancArchive
from ris.dicom.archive.transport import Access
from ris.dicom.orthanc.config import OrthancOptions
from ris.dicom.orthanc.process import CannotStart, Hook, OrthancProcess
from tests.services.server import free_port


@dataclass(frozen=True)
class Server:
    """A running Orthanc and how to speak with it."""

    process: OrthancProcess

    @property
    def url(self) -> str:
        return self.process.url

    @property
    def dicom_port(self) -> int:
        return self.process.options.dicom_port

    @property
    def ae_title(self) -> str:
        return self.process.options.ae_title

    @property
    def credentials(self) -> tuple[str, str]:
        return self.process.options.username, self.process.options.password

    def access(self, timeout: tuple[float, float] = (3.0, 30.0)) -> Access:
        username, password = self.credentials
        return Access(self.url, username=username, password=password, timeout=timeout)

    def archive(self, timeout: tuple[float, float] = (3.0, 30.0)) -> OrthancArchive:
        return OrthancArchive(self.access(timeout))

    def dicomweb(self, timeout: tuple[float, float] = (3.0, 30.0)) -> DicomwebArchive:
        return DicomwebArchive(self.access(timeout))


def options(directory: Path) -> OrthancOptions:
    return OrthancOptions(
        storage=directory / "storage",
        username="isocenter",
        password=secrets.token_urlsafe(16),
        http_port=free_port(),
        dicom_port=free_port(),
        stable_age=1,
    )


def started(make: Callable[[], OrthancProcess]) -> OrthancProcess:
    """Start one; another worker may have taken its free port meanwhile, so try with other ports."""
    for _ in range(2):
        process = make()
        try:
            process.start()
        except CannotStart:
            continue
        return process
    process = make()
    process.start()
    return process


@pytest.fixture(scope="session")
def orthanc_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The Orthanc that the tests of this worker share."""
    directory = tmp_path_factory.mktemp("orthanc")
    process = started(lambda: OrthancProcess(directory, options(directory)))
    yield Server(process)
    process.stop()


@pytest.fixture
def orthanc(orthanc_server: Server, settings: Settings) -> Server:
    """The shared Orthanc, and `get_archive()` means it."""
    settings.ARCHIVE_KIND = "orthanc"
    settings.ORTHANC_URL = orthanc_server.url
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD = orthanc_server.credentials
    settings.ORTHANC_TOKEN = ""
    return orthanc_server


@pytest.fixture
def fresh_orthanc(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start an Orthanc of one's own: `fresh_orthanc(hook=Hook(url, secret), stable_age=1, …)`."""
    running: list[OrthancProcess] = []

    def start(hook: Hook | None = None, **changes: object) -> Server:
        directory = tmp_path / f"orthanc-{len(running)}"
        process = started(
            lambda: OrthancProcess(directory, replace(options(directory), **changes), hook)  # type: ignore[arg-type]
        )
        running.append(process)
        return Server(process)

    yield start
    for process in running:
        process.stop(grace=0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses an Orthanc carries the mark, so that it can be left out by `-m "not orthanc"`."""
    for item in items:
        if {"orthanc_server", "fresh_orthanc"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.orthanc)
