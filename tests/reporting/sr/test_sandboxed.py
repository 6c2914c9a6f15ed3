"""The same reading in the sandbox's child, where there is neither Django nor a socket."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reporting.sr import read_json
from ris.dicom import sandbox
from tests.reporting.sr.builders import length, ohif_sr, spaced
from tests.reporting.sr.hostile import file, nested, root

READ = "reporting.sr.sandboxed.read_json"


def test_the_child_reads_what_we_read() -> None:
    part10, images = ohif_sr(length(5.0, [10, 20, 16, 25])), [spaced(0.8, 0.5)]

    assert sandbox.call(READ, part10, images) == read_json(part10, images)


def test_a_refusal_keeps_its_words_on_the_way_out_of_the_child() -> None:
    with pytest.raises(sandbox.SandboxRefused, match="nested more than 64 levels deep") as refused:
        sandbox.call(READ, file(root(nested(300, defined=False))))

    assert refused.value.code == "refused"


def test_reading_needs_no_django() -> None:
    program = "import sys, reporting.sr; assert 'django' not in sys.modules, 'Django came along'"

    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[3], capture_output=True, check=False, timeout=60
    )

    assert (answer.returncode, answer.stderr) == (0, b"")
