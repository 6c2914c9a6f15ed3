"""Whatever goes wrong in set-up is one sentence on standard error, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.setup import checks, commands, disk, logged, places
from deploy.setup.errors import SetupError
from tests.architecture.sources import ROOT, text

ENOUGH = 2 * 1024**3


def test_a_full_disk_is_named_with_what_it_needs(tmp_path: Path) -> None:
    disk.require_space(tmp_path / "not" / "made" / "yet", needed=1)
    with pytest.raises(SetupError, match=r"is full: .* GB free, 1048576.0 GB needed"):
        disk.require_space(tmp_path, needed=2**50)


def test_a_set_up_error_ends_with_its_sentence_and_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> int:
        raise SetupError("The disk is full.")

    monkeypatch.setitem(commands.COMMANDS, "demo", refuse)
    assert commands.run(["demo"]) == 1
    assert capsys.readouterr().err == "The disk is full.\n"


def test_an_unknown_command_is_told_the_known_ones() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.setup", "dance"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "demo, demo-reset, check, format, test, soak, bench" in ended.stderr


def test_a_build_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    env = {**os.environ, "BUILD_DIR": str(tmp_path / "file" / "build")}
    command = [sys.executable, "-m", "deploy.setup", "demo-reset"]
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "Not a directory" in ended.stderr


def test_set_up_needs_nothing_but_the_standard_library() -> None:
    code = "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]; import deploy.setup.commands"
    command = [sys.executable, "-S", "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_two_set_ups_of_one_clone_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "BUILD", tmp_path)
    code = "import fcntl, sys; fcntl.flock(open(sys.argv[1], 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    second = [sys.executable, "-c", code, str(tmp_path / "setup.lock")]
    with commands.alone():
        assert subprocess.run(second, capture_output=True, check=False).returncode == 1
    assert subprocess.run(second, capture_output=True, check=False).returncode == 0


def test_what_a_long_command_says_goes_to_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "LOGS", tmp_path)
    logged.run("some thing", [sys.executable, "-c", "print('said')"])
    assert (tmp_path / "some-thing.log").read_text() == "said\n"


def test_a_failing_check_fails_make_check_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    bad, good = [sys.executable, "-c", "raise SystemExit(3)"], [sys.executable, "-c", "print('ran')"]
    monkeypatch.setattr(checks, "every_check", lambda: [("bad", bad, os.environ), ("good", good, os.environ)])
    assert checks.run_all() == 1
    printed = capfd.readouterr().out
    assert "ran" in printed
    assert "Failed: bad" in printed


def test_every_target_of_the_makefile_is_explained_by_make_help() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = {line.split()[1] for line in said.splitlines() if line.startswith("  make ")}
    assert targets == {"help", *commands.COMMANDS}


def test_ci_runs_the_checks_and_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert text(Path(".ci/run")).splitlines()[-2:] == ["make check", "make test"]
    assert "set -euo pipefail" in text(Path(".ci/run"))
