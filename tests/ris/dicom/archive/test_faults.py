"""An Orthanc that is down, frozen or full."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ris.dicom.archive import ArchiveError, StudyQuery, store_verified
from ris.dicom.archive.orthanc import OrthancArchive
from ris.dicom.archive.transport import Access
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server
from tests.services.server import free_port


def test_an_archive_that_is_down_is_an_error_worth_a_retry() -> None:
    archive = OrthancArchive(Access(f"http://127.0.0.1:{free_port()}", username="a", password="b"))
    for ask in (archive.ping, lambda: archive.find_studies(StudyQuery(accession_number="A1"))):
        with pytest.raises(ArchiveError) as caught:
            ask()
        assert not caught.value.permanent
        assert caught.value.status == 503


def test_a_frozen_archive_times_out_and_what_was_sent_is_stored_once_after_a_retry(
    fresh_orthanc: Callable[..., Server],
) -> None:
    server = fresh_orthanc()
    archive = server.archive(timeout=(1.0, 0.5))
    image = ct()
    part10 = file_of(image)
    os.kill(server.process.pid or 0, signal.SIGSTOP)
    started = time.monotonic()
    try:
        with pytest.raises(ArchiveError) as caught:
            archive.store([part10])
        with pytest.raises(ArchiveError):
            archive.ping()
    finally:
        os.kill(server.process.pid or 0, signal.SIGCONT)
    assert not caught.value.permanent
    assert time.monotonic() - started < 5
    archive = server.archive()
    store_verified(archive, part10)
    assert len(archive.instances(image.StudyInstanceUID, image.SeriesInstanceUID)) == 1


def test_an_archive_that_was_restarted_is_spoken_with_again(fresh_orthanc: Callable[..., Server]) -> None:
    server = fresh_orthanc()
    archive = server.archive()
    image = ct()
    archive.store([file_of(image)])
    server.process.stop(grace=0)
    with pytest.raises(ArchiveError):
        archive.study(image.StudyInstanceUID)
    server.process.start()
    row = archive.study(image.StudyInstanceUID)
    assert row is not None
    assert row.accession_number == image.AccessionNumber


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk(tmp_path / "small", "3m") as place:
        yield place


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of its own with room for so much."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_a_failure_although_orthanc_answers_200(
    fresh_orthanc: Callable[..., Server], small_disk: Path
) -> None:
    server = fresh_orthanc(storage=small_disk)
    archive = server.archive()
    (small_disk / "filler").write_bytes(b"\0" * 2_000_000)
    too_much = ct(PixelData=b"\1" * 1_500_000)
    result = archive.store([file_of(too_much)])
    assert result.stored == frozenset()
    assert set(result.failed) == {too_much.SOPInstanceUID}
    with pytest.raises(ArchiveError, match="was not stored") as caught:
        store_verified(archive, file_of(too_much))
    assert not caught.value.permanent


def test_a_password_never_shows_in_a_representation() -> None:
    access = Access("http://127.0.0.1:1", username="u", password="pass-word", token="to-ken")
    assert "pass-word" not in repr(access) + repr(replace(access, token="to-ken"))
    assert "to-ken" not in repr(access)
