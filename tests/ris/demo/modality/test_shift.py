"""Devices that go on for ever: peers come and go, and the end comes at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ris.demo.modality.errors import NoSuchStepError, UnreachableError
from ris.demo.modality.scanner import Scanner
from ris.demo.modality.shift import Shift
from tests.ris.demo.modality.conftest import MakeScanner
from tests.ris.demo.modality.peers import RecordingArchive, RecordingRis, answer

AT_ONCE_SECONDS = 3.0


@contextmanager
def at_work(*scanners: Scanner) -> Iterator[Shift]:
    """A shift in a thread of its own; leaving stops it and demands that it ends at once."""
    shift = Shift(scanners, interval=0.05)
    thread = threading.Thread(target=shift.run)
    thread.start()
    try:
        yield shift
    finally:
        before = time.monotonic()
        shift.stop()
        thread.join(20)
        assert time.monotonic() - before < AT_ONCE_SECONDS


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def test_several_devices_in_one_process_each_do_their_own(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT", accession="A1"), answer("MR", accession="A2"), answer("US", accession="A3")]
    with at_work(scanner("CT1", images=2), scanner("MR1", images=1), scanner("US1", images=2)):
        until(lambda: ris.states.count("COMPLETED") == 3)
    stations = {image.StationName: image.Modality for image in archive.images}
    assert stations == {"CT1": "CT", "MR1": "MR", "US1": "US"}
    assert ris.states.count("IN PROGRESS") == 3


def test_a_step_that_appears_later_is_found(ris: RecordingRis, scanner: MakeScanner) -> None:
    with at_work(scanner(images=1)):
        until(lambda: len(ris.questions) > 1)
        ris.answers = [answer("CT")]
        until(lambda: "COMPLETED" in ris.states)


def test_a_ris_that_is_away_costs_one_line_and_one_when_it_is_back(
    ris: RecordingRis, scanner: MakeScanner, caplog: pytest.LogCaptureFixture
) -> None:
    ris.close()
    ris.answers = [answer("CT")]
    with caplog.at_level("INFO", logger="ris.demo.modality"), at_work(scanner(images=1)):
        until(lambda: "cannot be reached" in caplog.text)
        time.sleep(0.5)
        ris.open()
        until(lambda: "COMPLETED" in ris.states)
        until(lambda: "at work again" in caplog.text)
    assert caplog.text.count("cannot be reached") == 1


def test_a_fault_of_our_own_ends_the_shift_and_is_raised(
    ris: RecordingRis, scanner: MakeScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_scanner: Scanner) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Scanner, "work", broken)
    with pytest.raises(ZeroDivisionError):
        Shift([scanner("CT1"), scanner("MR1")], interval=60).run()


def test_a_shift_that_is_stopped_while_a_patient_lies_in_the_device_discontinues_the_step(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT")]
    with at_work(scanner(delay_seconds=600)):
        until(lambda: ris.states == ["IN PROGRESS"])
    assert ris.states == ["IN PROGRESS", "DISCONTINUED"]
    (reason,) = ris.messages[1][2].PerformedProcedureStepDiscontinuationReasonCodeSequence
    assert reason.CodeValue == "110513"
    assert archive.images == []


def test_a_shift_ends_at_once_although_the_archive_hangs(
    ris: RecordingRis, archive: RecordingArchive, scanner: MakeScanner
) -> None:
    ris.answers = [answer("CT")]
    hanging, released = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        released.wait(20)

    archive.holds = hang
    try:
        with at_work(scanner()):
            assert hanging.wait(20)
    finally:
        released.set()
    assert ris.states == ["IN PROGRESS", "DISCONTINUED"]


def test_a_delay_lies_between_start_and_completion(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.answers = [answer("CT")]
    before = time.monotonic()
    scanner(delay_seconds=0.4, images=1).work()
    assert time.monotonic() - before > 0.4
    assert ris.states == ["IN PROGRESS", "COMPLETED"]


def test_one_accession_number_is_done_by_the_device_that_has_it(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.answers = [answer("MR", accession="A2")]
    (performed,) = Shift([scanner("CT1", images=1), scanner("MR1", images=1)], interval=1).perform("A2")
    assert performed.item.modality == "MR"


def test_an_accession_number_that_no_device_has_is_an_error(ris: RecordingRis, scanner: MakeScanner) -> None:
    with pytest.raises(NoSuchStepError, match="A9"):
        Shift([scanner("CT1"), scanner("MR1")], interval=1).perform("A9")


def test_an_accession_number_asked_of_a_ris_that_is_away_is_an_error(ris: RecordingRis, scanner: MakeScanner) -> None:
    ris.close()
    with pytest.raises(UnreachableError, match="cannot be reached"):
        Shift([scanner("CT1")], interval=1).perform("A1")
