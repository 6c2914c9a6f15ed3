"""A real virtual environment in a temporary folder, and its stamps."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.setup import places, venv
from deploy.setup.errors import SetupError

UNREACHABLE = "isocenter-package-that-nobody-has-made==1.0\n"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose requirements are empty lists, on a machine without a network."""
    for name in venv.DEVELOPMENT:
        (tmp_path / name).write_text("")
    monkeypatch.setattr(places, "ROOT", tmp_path)
    monkeypatch.setattr(places, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(places, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(places, "LOGS", tmp_path / "logs")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return tmp_path


def test_it_is_made_once_and_again_only_when_the_pins_change(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    venv.require(venv.RUNTIME)
    assert (clone / ".venv" / "bin" / "pip").exists()
    assert capsys.readouterr().out.splitlines() == [
        "Making the virtual environment",
        "Installing requirements.txt (about a minute)",
    ]
    venv.require(venv.RUNTIME)
    assert capsys.readouterr().out == ""
    venv.require(venv.DEVELOPMENT)
    assert capsys.readouterr().out.splitlines() == ["Installing requirements-dev.txt (about a minute)"]
    (clone / "requirements.txt").write_text(UNREACHABLE)
    with pytest.raises(SetupError, match=r"Could not finish 'pip install'.*pip-install\.log"):
        venv.require(venv.RUNTIME)
    (clone / "requirements.txt").write_text("# the same as nothing, but another file\n")
    venv.require(venv.RUNTIME)
    assert "Installing requirements.txt" in capsys.readouterr().out


def test_one_whose_python_has_gone_is_made_again(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").symlink_to(clone / "gone")
    venv.require(venv.RUNTIME)
    assert (clone / ".venv" / "bin" / "pip").exists()


def test_a_fingerprint_follows_the_content(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("a==1\n")
    before = venv.fingerprint(file)
    assert venv.fingerprint(file) == before
    file.write_text("a==2\n")
    assert venv.fingerprint(file) != before
