from __future__ import annotations

import socket
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from ris.dicom.orthanc.process import CannotStart, OrthancProcess
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server, options


def test_it_starts_answers_and_stops_and_keeps_its_images(tmp_path: Path) -> None:
    process = OrthancProcess(tmp_path, options(tmp_path))
    assert process.pid is None
    process.start()
    image = ct()
    try:
        first = process.pid
        assert first is not None
        process.start()
        assert process.pid == first, "starting twice is starting once"
        Server(process).archive().store([file_of(image)])
    finally:
        process.stop()
    assert process.pid is None
    assert not Path(f"/proc/{first}").exists()
    process.analyze()
    process.start()
    assert Server(process).archive().study(image.StudyInstanceUID) is not None
    process.stop(grace=0)


def test_only_its_owner_can_read_the_configuration(orthanc_server: Server) -> None:
    path = orthanc_server.process.directory / "orthanc.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert orthanc_server.credentials[1] in path.read_text()


@pytest.mark.parametrize("which", ["http_port", "dicom_port"])
def test_a_busy_port_is_one_clear_sentence(tmp_path: Path, which: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = OrthancProcess(tmp_path, replace(options(tmp_path), **{which: port}))
        with pytest.raises(CannotStart, match=f"port {port} .* is already in use"):
            process.start()
    assert process.pid is None


def test_a_missing_orthanc_names_the_packages(tmp_path: Path) -> None:
    process = OrthancProcess(tmp_path, options(tmp_path), binary=tmp_path / "Orthanc")
    with pytest.raises(CannotStart, match="apt-get install orthanc orthanc-dicomweb orthanc-python"):
        process.start()


def test_a_missing_plugin_names_the_packages(tmp_path: Path) -> None:
    process = OrthancProcess(tmp_path, replace(options(tmp_path), plugins_dir=tmp_path))
    with pytest.raises(CannotStart, match=r"libOrthancDicomWeb\.so is missing"):
        process.start()


def test_an_orthanc_that_ends_at_once_points_to_its_log(tmp_path: Path) -> None:
    storage = tmp_path / "storage"
    storage.mkdir()
    (storage / "index").write_bytes(b"this is no database" * 100)
    process = OrthancProcess(tmp_path, options(tmp_path))
    with pytest.raises(CannotStart, match=r"ended at once; .*orthanc\.log"):
        process.start()
    process.stop()


def test_a_stranger_gets_nothing(orthanc_server: Server) -> None:
    for path in ("/system", "/dicom-web/studies", "/app/explorer.html", "/instances", "/webdav/"):
        assert requests.get(orthanc_server.url + path, timeout=5).status_code == 401, path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PROPFIND", "/webdav/"),
        ("GET", "/wado?requestType=WADO&objectUID=1.2"),
        ("GET", "/app/explorer.html"),
        ("POST", "/tools/execute-script"),
    ],
)
def test_a_closed_door_is_closed_with_credentials_too(orthanc_server: Server, method: str, path: str) -> None:
    answer = requests.request(method, orthanc_server.url + path, auth=orthanc_server.credentials, timeout=5)
    assert answer.status_code in {403, 404, 405}


def test_the_hook_secret_and_nothing_else_of_ours_is_in_its_environment(
    fresh_orthanc: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ris.dicom.orthanc.process import Hook

    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    server = fresh_orthanc(hook=Hook("http://127.0.0.1:9/hooks/orthanc", "s3"))
    environment = Path(f"/proc/{server.process.pid}/environ").read_bytes()
    assert b"ISOCENTER_HOOK_SECRET=s3" in environment
    assert b"do-not-tell" not in environment
