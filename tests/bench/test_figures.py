"""A figure says by how much we are ahead, whichever way its unit counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.bench.figures import Figure, Record, median_ms


@pytest.mark.parametrize(
    ("value", "unit", "peer_value", "expected"),
    [(0.4, "ms", 388.0, 970.0), (2.0, "s", 1.0, 0.5), (300.0, "req/s", 100.0, 3.0), (1.0, "ms", None, None)],
)
def test_times_better_is_above_one_when_we_are_ahead(
    value: float, unit: str, peer_value: float | None, expected: float | None
) -> None:
    row = json.loads(Figure("mwl", "entries=10000", "query", value, unit, "peer", peer_value).as_json())
    assert row["times_better"] == expected


def test_a_run_replaces_the_figures_of_the_one_before(tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        Record(tmp_path / "bench" / "mwl.jsonl").add(Figure("mwl", "entries=1", "query_ms", value, "ms"))
    lines = (tmp_path / "bench" / "mwl.jsonl").read_text().splitlines()
    assert [json.loads(line)["value"] for line in lines] == [2.0]
    assert list(json.loads(lines[0])) == [
        "bench", "case", "metric", "value", "unit", "peer", "peer_value", "times_better",
    ]  # fmt: skip


def test_a_median_of_few_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        median_ms(lambda: None, repeats=4)


def test_a_name_that_is_none_is_told_those_that_are() -> None:
    command = [sys.executable, "-m", "tests.bench", "nothing"]
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "mwl" in ended.stderr
