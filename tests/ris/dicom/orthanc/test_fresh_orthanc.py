"""A fresh Orthanc starts on the printed configuration as it is, and does what it must and no more."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.core.management import call_command
from pytest_django import Settings

from ris.dicom import subscribers
from ris.dicom.models import Node
from ris.dicom.orthanc.process import BINARY
from tests.services.server import free_port, running
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.orthanc]
PASSWORD = "very-secret"


@pytest.fixture
def url(world: World, settings: Settings, tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Where an Orthanc answers that was given nothing but the printed file: its URL and its DICOM port."""
    settings.ARCHIVE_KIND, settings.ORTHANC_URL = "orthanc", f"http://127.0.0.1:{free_port()}"
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD, settings.ORTHANC_TOKEN = "isocenter", PASSWORD, ""
    file, port = tmp_path / "orthanc.json", free_port()
    call_command("orthanc_config", output=file, storage=tmp_path / "images", dicom_port=port, known_senders=True)
    (tmp_path / "images").mkdir()
    with running([str(BINARY), str(file)], log=tmp_path / "orthanc.log", ready=lambda: _answers(settings.ORTHANC_URL)):
        yield settings.ORTHANC_URL, port


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/system", auth=("isocenter", PASSWORD), timeout=2).ok
    except requests.RequestException:
        return False


def echo(title: str, port: int) -> int:
    command = ["/usr/bin/echoscu", "-aet", title, "-aec", "ORTHANC", "127.0.0.1", str(port)]
    return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode


def test_it_answers_us_and_nobody_else(url: tuple[str, int]) -> None:
    address, port = url
    assert requests.get(f"{address}/system", timeout=5).status_code == 401
    plugins = requests.get(f"{address}/plugins", auth=("isocenter", PASSWORD), timeout=5).json()
    assert {"dicom-web", "python"} <= set(plugins)
    assert requests.get(f"{address}/dicom-web/studies?limit=1", auth=("isocenter", PASSWORD), timeout=5).json() == []
    assert echo("ANYBODY", port) == 0


def test_it_takes_images_of_known_devices_once_the_ris_has_told_it_of_them(
    url: tuple[str, int], tmp_path: Path
) -> None:
    from tests.ris.dicom.objects import ct, file_of

    address, port = url
    image = tmp_path / "image.dcm"
    image.write_bytes(file_of(ct()))

    def store(title: str) -> int:
        command = ["/usr/bin/storescu", "-R", "-aet", title, "-aec", "ORTHANC", "127.0.0.1", str(port), str(image)]
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode

    assert store("CT1") != 0
    subscribers.complete()
    known = requests.get(f"{address}/modalities", auth=("isocenter", PASSWORD), timeout=5).json()
    assert set(known) == set(Node.objects.filter(kind="modality").values_list("ae_title", flat=True))
    assert store("CT1") == 0
    assert store("STRANGER") != 0
