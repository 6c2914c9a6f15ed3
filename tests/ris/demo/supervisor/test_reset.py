"""`make demo-reset` empties what `make demo` made, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ris.demo.supervisor import lock, secret_files
from ris.demo.supervisor.errors import DemoError
from ris.demo.supervisor.reset import reset


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a demo that has run and ended."""
    folder = tmp_path / "demo"
    os.close(lock.take(folder))
    secret_files.ensure(folder / "secrets", {})
    (folder / "isocenter.sqlite3").write_text("rows")
    (folder / "orthanc").mkdir()
    (folder / "orthanc" / "index").write_text("images")
    return folder


def test_everything_in_the_data_folder_is_gone(data: Path) -> None:
    assert "are gone" in reset(data, {})
    assert list(data.iterdir()) == []


def test_a_link_is_removed_without_what_it_points_to(data: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    (data / "link").symlink_to(tmp_path / "elsewhere")
    reset(data, {})
    assert (tmp_path / "elsewhere" / "kept").exists()


def test_it_is_refused_while_the_demo_runs(data: Path) -> None:
    held = lock.take(data)
    with pytest.raises(DemoError, match="is running"):
        reset(data, {})
    os.close(held)
    assert (data / "isocenter.sqlite3").exists()


def test_a_folder_that_no_demo_made_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(DemoError, match="was not made by"):
        reset(tmp_path, {})
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "ORTHANC_URL"])
def test_data_in_somebody_elses_servers_are_not_touched(data: Path, name: str) -> None:
    with pytest.raises(DemoError, match=name):
        reset(data, {name: "there"})
    assert (data / "isocenter.sqlite3").exists()


def test_nothing_to_throw_away_is_no_error(tmp_path: Path) -> None:
    assert "no demo data" in reset(tmp_path / "never", {})
