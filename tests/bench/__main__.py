"""`python -m tests.bench NAME`: measure, print, and write build/bench/NAME.jsonl."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def names() -> list[str]:
    """What can be measured: the first word of each file; `bench_desk_schedule.py` is part of `desk`."""
    return sorted({path.stem.split("_")[1] for path in HERE.glob("bench_*.py")})


def files(name: str) -> list[str]:
    return sorted(str(path) for path in HERE.glob("bench_*.py") if path.stem.split("_")[1] == name)


def main(arguments: list[str]) -> int:
    """pytest's exit code; 2 when the name is none, with those that there are."""
    if len(arguments) != 1 or arguments[0] not in names():
        sys.stderr.write(f"Usage: make bench NAME=<name>, where name is one of: {', '.join(names())}\n")
        return 2
    return int(
        pytest.main([*files(arguments[0]), "-q", "-s", "-o", "python_functions=bench_*", "-p", "no:cacheprovider"])
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
