"""`manage.py simulate_modality` as an administrator and the supervisor run it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from django.core.management import CommandError, call_command

from ris.demo.modality.stations import STATIONS
from tests.ris.demo.modality.peers import RecordingArchive, RecordingRis, answer, changed, free_port
from tests.ris.demo.modality.test_shift import until

ROOT = Path(__file__).resolve().parents[4]


def run(ris: RecordingRis, archive: RecordingArchive, *arguments: str) -> str:
    heard = io.StringIO()
    call_command("simulate_modality", *peers(ris, archive), *arguments, stdout=heard)
    return heard.getvalue()


def peers(ris: RecordingRis, archive: RecordingArchive) -> list[str]:
    return ["--mwl", f"127.0.0.1:{ris.port}", "--archive", f"127.0.0.1:{archive.port}", "--slices", "2"]


@contextmanager
def process(ris: RecordingRis, archive: RecordingArchive, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "manage.py", "simulate_modality", *peers(ris, archive), *arguments]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def test_one_accession_number_is_worked_and_named(ris: RecordingRis, archive: RecordingArchive) -> None:
    ris.answers = [answer("CT", accession="A1"), answer("CT", accession="A2")]
    assert run(ris, archive, "--aet", "CT1", "--accession", "A2") == (
        "accession A2, step SPS-A2: completed, 2 images stored\n"
    )
    assert {image.AccessionNumber for image in archive.images} == {"A2"}


def test_without_a_title_it_is_every_device_of_the_demo(ris: RecordingRis, archive: RecordingArchive) -> None:
    ris.answers = [answer("US", accession="A3")]
    run(ris, archive, "--once", "--any-day")
    assert {calling for calling, _ in ris.questions} == {station.ae_title for station in STATIONS}
    assert [image.StationName for image in archive.images] == ["US1"]


@pytest.mark.parametrize(
    ("arguments", "offsets"),
    [
        (["--aet", "CTSOUTH"], {"+0000", "+0100"}),
        (["--aet", "CT1"], {"+0100", "+0200"}),
        (["--aet", "CT9"], {"+0000"}),
        (["--aet", "CT1", "--time-zone", "Asia/Tokyo"], {"+0900"}),
    ],
)
def test_each_device_tells_the_time_of_its_own_site(
    ris: RecordingRis, archive: RecordingArchive, arguments: list[str], offsets: set[str]
) -> None:
    ris.answers = [answer("CT", station=arguments[1])]
    run(ris, archive, "--once", "--any-day", *arguments)
    assert ris.messages[0][2].TimezoneOffsetFromUTC in offsets
    assert {image.TimezoneOffsetFromUTC for image in archive.images} == {ris.messages[0][2].TimezoneOffsetFromUTC}


def test_only_the_wanted_modality_is_taken(ris: RecordingRis, archive: RecordingArchive) -> None:
    ris.answers = [answer("CT", accession="A1"), changed(answer("MR", accession="A2"), ScheduledStationAETitle="CT1")]
    assert "A2" in run(ris, archive, "--aet", "CT1", "--once", "--any-day", "--modality", "MR")
    assert {image.Modality for image in archive.images} == {"MR"}


def test_an_unknown_accession_number_is_a_plain_sentence(ris: RecordingRis, archive: RecordingArchive) -> None:
    with pytest.raises(CommandError, match="no step of accession A9 to do"):
        run(ris, archive, "--aet", "CT1", "--accession", "A9")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--aet", "seventeen letters"], "is not an AE title"),
        (["--mwl", "localhost"], "is not host:port"),
        (["--slices", "0"], "1 to 1000 images"),
        (["--delay", "-1"], "between 0 and 86400"),
        (["--time-zone", "Mars/Olympus"], "is not a time zone"),
        (["--modality", "PT"], "invalid choice"),
    ],
)
def test_a_wrong_argument_is_said_at_once(
    ris: RecordingRis, archive: RecordingArchive, arguments: list[str], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        run(ris, archive, *arguments)
    assert ris.questions == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly(
    ris: RecordingRis, archive: RecordingArchive, number: signal.Signals
) -> None:
    ris.answers = [answer("CT")]
    with process(ris, archive, "--aet", "CT1", "--any-day", "--delay", "600", "--interval", "60") as child:
        until(lambda: ris.states == ["IN PROGRESS"])
        before = time.monotonic()
        child.send_signal(number)
        output, _ = child.communicate(timeout=20)
    assert time.monotonic() - before < 15, "at once, not after the 600 s of the exam"
    assert child.returncode == 0, output
    assert ris.states == ["IN PROGRESS", "DISCONTINUED"]
    assert "Łukaszewicz" not in output


def _until_said(output: IO[str]) -> str:
    said = ""
    while "at work again" not in said:
        line = output.readline()
        if not line:
            return said
        said += line
    return said


def test_while_the_ris_is_away_it_says_so_in_one_line_and_goes_on(archive: RecordingArchive) -> None:
    ris = RecordingRis("ISOCENTER", port=free_port())
    with process(ris, archive, "--aet", "CT1", "--any-day", "--interval", "0.1") as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(0.5)
        ris.answers = [answer("CT")]
        ris.open()
        until(lambda: "COMPLETED" in ris.states)
        rest = _until_said(child.stdout)
        child.terminate()
        rest += child.communicate(timeout=20)[0]
    ris.close()
    assert "ISOCENTER at 127.0.0.1" in first
    assert "cannot be reached" in first
    assert "cannot be reached" not in rest
    assert "at work again" in rest
