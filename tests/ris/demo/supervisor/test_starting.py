"""What stops the demo before it starts: one clear sentence, exit code 1, and never a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ris.demo.supervisor import lock
from tests.ris.demo.supervisor.supervised import ROOT
from tests.services.server import free_port

PORTS = (
    "WEB_PORT", "DICOM_SCP_PORT", "HL7_PORT", "HL7_RECEIVER_PORT", "ORTHANC_HTTP_PORT", "ORTHANC_DICOM_PORT",
)  # fmt: skip


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A demo of the test's own: its own data, its own ports."""
    ports: set[int] = set()
    while len(ports) < len(PORTS):
        ports.add(free_port())
    inherited = {name: value for name, value in os.environ.items() if name not in ("ORTHANC_URL", "DATABASE_URL")}
    chosen = dict(zip(PORTS, map(str, ports), strict=True))
    return inherited | chosen | {"DATA_DIR": str(tmp_path / "data"), "REDIS_URL": ""}


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def supervisor(command: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "ris.demo.supervisor", command]
    return subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def the_sentence(ended: subprocess.CompletedProcess[str]) -> str:
    """What it said, once it is sure that it failed with one line on standard error and nothing else."""
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    return ended.stderr


@pytest.mark.parametrize("variable", PORTS)
def test_a_busy_port_is_named_with_its_purpose_and_its_variable(
    env: dict[str, str], busy_port: int, variable: str
) -> None:
    sentence = the_sentence(supervisor("run", env | {variable: str(busy_port)}))
    assert f"Port {busy_port} for " in sentence
    assert "is busy" in sentence
    assert f"set {variable} to a free port" in sentence


def test_debians_own_orthanc_is_suspected_on_orthancs_ports(env: dict[str, str], busy_port: int) -> None:
    sentence = the_sentence(supervisor("run", env | {"ORTHANC_HTTP_PORT": str(busy_port)}))
    assert "systemctl disable --now orthanc" in sentence


@pytest.mark.parametrize("wrong", ["http", "0", "65536", "-1", "٣", "8000.5"])
def test_a_port_that_is_no_port_is_refused(env: dict[str, str], wrong: str) -> None:
    sentence = the_sentence(supervisor("run", env | {"WEB_PORT": wrong}))
    assert "WEB_PORT must be a port number from 1 to 65535" in sentence


def test_two_processes_cannot_share_a_port(env: dict[str, str]) -> None:
    sentence = the_sentence(supervisor("run", env | {"WEB_PORT": env["DICOM_SCP_PORT"]}))
    assert f"WEB_PORT and DICOM_SCP_PORT are both {env['DICOM_SCP_PORT']}" in sentence


def test_a_second_demo_on_the_same_data_is_refused(env: dict[str, str]) -> None:
    held = lock.take(Path(env["DATA_DIR"]))
    sentence = the_sentence(supervisor("run", env))
    os.close(held)
    assert "is running" in sentence
    assert str(os.getpid()) in sentence


def test_a_data_folder_that_cannot_be_made_is_one_sentence_too(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = the_sentence(supervisor("run", env | {"DATA_DIR": str(tmp_path / "file" / "data")}))
    assert "Not a directory" in sentence


def test_an_orthanc_of_ones_own_needs_no_orthanc_ports(env: dict[str, str], busy_port: int) -> None:
    own = {"ORTHANC_URL": "http://127.0.0.1:9", "ORTHANC_HTTP_PORT": str(busy_port), "WEB_PORT": "none"}
    assert "WEB_PORT must be" in the_sentence(supervisor("run", env | own))
    assert "busy" not in the_sentence(supervisor("run", env | own))


def test_an_unknown_command_is_told_the_known_ones() -> None:
    ended = supervisor("dance", dict(os.environ))
    assert ended.returncode == 2
    assert "run|reset" in ended.stderr
