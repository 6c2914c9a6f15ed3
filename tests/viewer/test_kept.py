"""Bodies kept on disk."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pytest_django import Settings

from viewer import kept


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path


def test_what_is_kept_is_read_back_under_its_hash_and_dropped() -> None:
    name = kept.keep(b"measured")
    assert name == hashlib.sha256(b"measured").hexdigest()
    assert kept.read(name) == b"measured"
    assert [path.name for path in kept.folder().iterdir()] == [name]
    kept.drop(name)
    with pytest.raises(KeyError):
        kept.read(name)


def test_keeping_twice_is_keeping_once() -> None:
    assert kept.keep(b"x") == kept.keep(b"x")
    assert len(list(kept.folder().iterdir())) == 1


def test_the_same_bytes_kept_by_two_at_once_are_kept_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    both, flush = threading.Barrier(2, timeout=20), os.fsync

    def together(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            both.wait()
        flush(handle)

    monkeypatch.setattr("viewer.kept.os.fsync", together)
    with ThreadPoolExecutor(2) as threads:
        names = list(threads.map(kept.keep, [b"measured"] * 2))
    assert kept.read(names[0]) == kept.read(names[1]) == b"measured"
    assert [path.name for path in kept.folder().iterdir()] == [names[0]]


def test_what_the_disk_does_not_take_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("viewer.kept.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.keep(b"measured")
    assert list(kept.folder().iterdir()) == []


def test_a_changed_file_is_noticed() -> None:
    name = kept.keep(b"measured")
    (kept.folder() / name).write_bytes(b"forged")
    with pytest.raises(ValueError, match="changed"):
        kept.read(name)


@pytest.mark.parametrize("name", ["../secret", "", "0" * 63, "G" * 64])
def test_other_names_are_no_names(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    kept.drop(name)
    with pytest.raises(KeyError):
        kept.read(name)
    assert (tmp_path / "secret").exists()
