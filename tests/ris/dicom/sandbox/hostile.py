"""Functions that misbehave, to be called inside the sandbox. Pure: the child imports them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from ris.dicom.sandbox.errors import Refusal


def echo(payload: bytes, *args: Any) -> list[Any]:
    return [len(payload), *args]


def pid(_payload: bytes) -> int:
    return os.getpid()


def for_ever(_payload: bytes) -> None:
    while True:
        time.sleep(0.01)


def slowly(_payload: bytes, seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def eat_memory(_payload: bytes) -> int:
    return len([bytes(16 * 1024 * 1024) for _ in range(10_000)])


def recurse(payload: bytes) -> None:
    recurse(payload)


def crash(_payload: bytes) -> None:
    os.kill(os.getpid(), 11)


def leave(_payload: bytes) -> None:
    sys.exit(3)


def refuse(_payload: bytes) -> None:
    raise Refusal("It is not what was expected.")


def fail_with_a_name(_payload: bytes) -> None:
    raise KeyError("DOE^JANE")


def not_json(_payload: bytes) -> object:
    return {1, 2, 3}


def not_a_number(_payload: bytes) -> float:
    return float("nan")


def huge_answer(_payload: bytes) -> str:
    return "x" * (65 * 1024 * 1024)


def chatter(_payload: bytes) -> str:
    sys.stdout.write("noise on stdout\n" * 100)
    sys.stdout.flush()
    os.write(1, b"more noise")
    return "clean"


def surroundings(_payload: bytes) -> dict[str, Any]:
    return {
        "environment": dict(os.environ),
        "modules": sorted(name for name in sys.modules if name.partition(".")[0] in {"django", "celery", "ris"}),
        "directory": str(Path.cwd()),
    }


def write_a_file(_payload: bytes, path: str) -> None:
    Path(path).write_bytes(b"x" * 10)
