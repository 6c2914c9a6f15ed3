"""Debian packages: what is missing is installed as root, and named in one message otherwise.

dpkg-query and apt-get are stand-ins on the PATH: on a machine that has everything, nothing can be missing.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from deploy.setup import debian, places
from deploy.setup.errors import SetupError

DPKG_QUERY = '#!/bin/sh\necho "orthanc installed"\necho "qpdf config-files"\nexit 1\n'
APT_GET = '#!/bin/sh\necho "$@ policy=$(cat {policy} 2>/dev/null | tail -1)" >> {calls}\n{then}\n'


class Machine:
    """A machine with Orthanc and without the rest."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.policy = folder / "policy-rc.d"
        self._calls = folder / "calls"
        self.programs.mkdir()
        self._program("dpkg-query", DPKG_QUERY)
        self._program("npm", "#!/bin/sh\n")
        self.apt_get_then("exit 0")

    def apt_get_then(self, ending: str) -> None:
        self._program("apt-get", APT_GET.format(policy=self.policy, calls=self._calls, then=ending))

    def _program(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text().splitlines() if self._calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", f"{made.programs}:/bin:/usr/bin")
    monkeypatch.setattr(debian, "POLICY", made.policy)
    monkeypatch.setattr(places, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return made


def test_only_the_missing_packages_are_installed_after_one_update(machine: Machine) -> None:
    debian.require(["orthanc", "qpdf", "chromium"])
    assert [call.partition(" policy")[0] for call in machine.calls] == [
        "update",
        "install -y --no-install-recommends qpdf chromium",
    ]


def test_with_everything_there_apt_is_not_asked(machine: Machine) -> None:
    debian.require(["orthanc"])
    assert machine.calls == []


def test_the_services_of_the_packages_are_not_started(machine: Machine) -> None:
    debian.require(["chromium"])
    assert machine.calls[1].endswith("policy=exit 101")
    assert not machine.policy.exists()


def test_a_rule_that_the_machine_has_about_services_is_left_alone(machine: Machine) -> None:
    machine.policy.write_text("exit 104\n")
    debian.require(["chromium"])
    assert machine.policy.read_text() == "exit 104\n"


def test_everybody_but_root_gets_all_names_in_one_message(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (machine.programs / "npm").unlink()
    monkeypatch.setenv("PATH", str(machine.programs))
    with pytest.raises(SetupError) as raised:
        debian.require(["orthanc", "orthanc-dicomweb", "qpdf"])
    assert str(raised.value).endswith("sudo apt-get install python3-venv npm orthanc-dicomweb qpdf")
    assert machine.calls == []


def test_on_another_linux_the_packages_are_named_too(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dpkg-query", "apt-get"):
        (machine.programs / name).unlink()
    monkeypatch.setenv("PATH", str(machine.programs))
    with pytest.raises(SetupError, match=r"not a Debian machine.*orthanc qpdf"):
        debian.require(["orthanc", "qpdf"])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Err:1 Temporary failure resolving", "the package server cannot be reached; the first run needs a network"),
        ("write error - write (28: No space left on device)", "the disk is full; free some space"),
        ("E: Unable to locate package chromium", "it ended with exit code 100"),
    ],
)
def test_a_failing_apt_get_is_one_sentence(machine: Machine, tmp_path: Path, said: str, sentence: str) -> None:
    machine.apt_get_then(f"echo '{said}'; exit 100")
    with pytest.raises(SetupError) as raised:
        debian.require(["chromium"])
    assert sentence in str(raised.value)
    assert str(tmp_path / "logs" / "apt-get-update.log") in str(raised.value)
    assert not machine.policy.exists()
