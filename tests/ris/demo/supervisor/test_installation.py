"""The environment of the demo's processes, its secrets, its programs and its box."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ris.demo.supervisor import programs, secret_files
from ris.demo.supervisor.installation import Installation, describe
from ris.demo.supervisor.opening import box
from ris.demo.supervisor.preparation import steps


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return describe({"DATA_DIR": str(tmp_path), "PATH": "/usr/bin", "WEB_PORT": "8001"})


def test_secrets_are_long_private_different_and_kept(tmp_path: Path) -> None:
    first = secret_files.ensure(tmp_path / "secrets", {})
    files = {name: Path(path) for name, path in first.items()}
    content = {name: file.read_text() for name, file in files.items()}
    assert set(first) == {"SECRET_KEY_FILE", "ORTHANC_PASSWORD_FILE", "HOOK_SECRET_FILE", "SIGNING_P12_PASSWORD_FILE"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files.values())
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert len(set(content.values())) == 4
    assert min(map(len, content.values())) >= 50
    assert secret_files.ensure(tmp_path / "secrets", {}) == first
    assert {name: file.read_text() for name, file in files.items()} == content


def test_a_secret_that_somebody_has_set_is_left_alone(tmp_path: Path) -> None:
    given = {"SECRET_KEY": "set by hand", "HOOK_SECRET_FILE": "/run/secrets/hook"}
    assert set(secret_files.ensure(tmp_path, given)) == {"ORTHANC_PASSWORD_FILE", "SIGNING_P12_PASSWORD_FILE"}


def test_no_secret_stands_in_a_command_line(installation: Installation) -> None:
    secrets = [file.read_text() for file in (installation.data / "secrets").iterdir()]
    every = [*programs.of(installation), programs.modality(installation)]
    words = [word for program in every for word in program.command]
    assert not any(secret in word for secret in secrets for word in words)


def test_every_process_of_the_demo_has_its_name(installation: Installation) -> None:
    names = [program.name for program in programs.of(installation)]
    assert names == ["orthanc", "web", "worker", "beat", "deliveries", "worklist", "hl7", "hospital"]
    assert programs.modality(installation).name == "modality"


def test_orthanc_gets_the_hooks_secret_and_no_other(installation: Installation) -> None:
    env = programs.orthanc(installation).env
    assert env["ISOCENTER_HOOK_URL"] == "http://127.0.0.1:8001/hooks/orthanc"
    assert env["ISOCENTER_HOOK_SECRET_FILE"] == str(installation.data / "secrets" / "hook_secret")
    assert not {"SECRET_KEY_FILE", "SIGNING_P12_PASSWORD_FILE", "ORTHANC_PASSWORD_FILE"} & set(env)


def test_with_an_orthanc_of_ones_own_none_is_configured_or_started(tmp_path: Path) -> None:
    own = describe({"DATA_DIR": str(tmp_path), "ORTHANC_URL": "http://archive.example.org:8042"})
    assert own.env["ORTHANC_URL"] == "http://archive.example.org:8042"
    assert "orthanc" not in [program.name for program in programs.of(own)]
    assert ("orthanc_config",) not in [step.command[:1] for step in steps(own)]


def test_the_settings_name_the_chosen_ports(installation: Installation) -> None:
    assert installation.address == "http://localhost:8001"
    assert installation.env["ORTHANC_URL"] == "http://127.0.0.1:8042"
    assert installation.env["DEMO"] == "1"


def test_the_box_shows_the_address_and_everybody_in_a_straight_frame() -> None:
    people = [("clerk", "clara", "secret one"), ("radiologist", "ruth", "two")]
    lines = box("http://localhost:8000", people).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert any("http://localhost:8000" in line for line in lines)
    assert any("clerk         clara   secret one" in line for line in lines)
    assert any("radiologist   ruth    two" in line for line in lines)
