"""A folder that is kept equal to what it should hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from worklist.elsewhere.folder import Folder, Tally


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "NORTH"


def held(place: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in place.glob("*.wl")}


def test_what_is_wanted_is_written_and_what_is_not_any_more_goes(place: Path) -> None:
    folder = Folder(place)
    assert folder.reconcile({1: b"one", 2: b"two"}) == Tally(2, 0)
    assert folder.reconcile({2: b"two", 3: b"three"}) == Tally(1, 1)
    assert held(place) == {"isocenter-2.wl": b"two", "isocenter-3.wl": b"three"}
    assert (place / "lockfile").exists()


def test_a_round_without_a_change_writes_nothing(place: Path) -> None:
    folder = Folder(place)
    folder.reconcile({1: b"one"})
    before = (place / "isocenter-1.wl").stat().st_mtime_ns
    assert folder.reconcile({1: b"one"}) == Tally()
    assert Folder(place).reconcile({1: b"one"}) == Tally()  # another process, which has to read
    assert (place / "isocenter-1.wl").stat().st_mtime_ns == before


def test_drift_heals(place: Path) -> None:
    folder = Folder(place)
    wanted = {1: b"one", 2: b"two", 3: b"three"}
    folder.reconcile(wanted)
    (place / "isocenter-1.wl").unlink()
    (place / "isocenter-2.wl").write_bytes(b"TWO")
    (place / "isocenter-9.wl").write_bytes(b"of a step that is gone")
    (place / ".isocenter-3.new").write_bytes(b"half")
    assert folder.reconcile(wanted) == Tally(2, 2)
    assert held(place) == {f"isocenter-{pk}.wl": content for pk, content in wanted.items()}
    assert not list(place.glob(".*"))


def test_what_others_put_there_stays(place: Path) -> None:
    folder = Folder(place)
    folder.reconcile({1: b"one"})
    (place / "by-hand.wl").write_bytes(b"theirs")
    folder.reconcile({})
    assert held(place) == {"by-hand.wl": b"theirs"}
