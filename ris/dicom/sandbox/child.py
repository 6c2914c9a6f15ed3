"""The child process of the sandbox: reads a function's name and a payload, answers JSON, again and again.

It is started by path, and enters the package `ris` without running its `__init__`, which would bring Celery and
Django. Limits are set before anything else: memory, no core dump, no file can grow.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import types
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[3]
PRELOADED = ("pydicom", "ris.dicom.sandbox.content")


def confine(memory: int) -> None:
    """Limits that the child cannot lift again."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def enter_package() -> None:
    """Make `ris` importable from the tree alone, without its `__init__`."""
    sys.path[0] = str(ROOT)
    package = types.ModuleType("ris")
    package.__path__ = [str(ROOT / "ris")]
    sys.modules["ris"] = package


def private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The protocol's own descriptors; what a library prints goes nowhere."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def answer(request: bytes, payload: bytes) -> bytes:
    """Run one request; never raises. The answer is {"ok": …} or {"error": code, "message": safe words}."""
    from ris.dicom.sandbox.errors import Refusal

    try:
        asked = json.loads(request)
        module, _, name = asked["function"].rpartition(".")
        result = getattr(importlib.import_module(module), name)(payload, *asked["args"])
        return json.dumps({"ok": result}, allow_nan=False).encode()
    except Refusal as error:
        return _error("refused", str(error))
    except MemoryError:
        return _error("memory", "It needs too much memory to be read.")
    except RecursionError:
        return _error("refused", "It is nested too deeply.")
    except Exception as error:  # noqa: BLE001  hostile bytes may raise anything; only its class name leaves
        return _error("failed", f"It cannot be read ({type(error).__name__}).")


def _error(code: str, message: str) -> bytes:
    return json.dumps({"error": code, "message": message}).encode()


def serve(requests: IO[bytes], answers: IO[bytes], limit: int) -> None:
    """Answer until the parent closes the pipe."""
    from ris.dicom.sandbox import frames

    while True:
        try:
            request, payload = frames.read(requests, limit), frames.read(requests, limit)
        except EOFError:
            return
        frames.write(answers, answer(request, payload))


def main() -> None:
    memory, limit = int(sys.argv[1]), int(sys.argv[2])
    requests, answers = private_pipes()
    enter_package()
    confine(memory)
    for name in PRELOADED:
        importlib.import_module(name)
    serve(requests, answers, limit)


if __name__ == "__main__":
    main()
