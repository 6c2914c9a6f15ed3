"""One child process seen from the parent: started, asked, killed when it is late."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from ris.dicom.sandbox import frames
from ris.dicom.sandbox.errors import SandboxRefused

CHILD = Path(__file__).with_name("child.py")
MEMORY = 1024**3
PAYLOAD_MAX = 256 * 1024**2
RESULT_MAX = 64 * 1024**2
# No secret of the parent's environment reaches a process that reads foreign bytes.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Worker:
    """A child that takes one request at a time. `usable` is False once it must be replaced."""

    def __init__(self, memory: int = MEMORY) -> None:
        self.usable = True
        self.served = 0
        self._late = False
        self._asking = False
        self._turn = threading.Lock()
        # -s -B: no user site, no byte code written; -E: no PYTHON* variable steers the child.
        command = [sys.executable, "-s", "-B", "-E", str(CHILD), str(memory), str(PAYLOAD_MAX)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", env=ENVIRONMENT
        )
        self._stdin, self._stdout = _pipes(self._process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes, payload: bytes, deadline: float) -> Any:
        """The JSON answer within `deadline` seconds, else SandboxRefused and the child is dead."""
        clock = threading.Timer(deadline, self._give_up)
        clock.daemon = True
        self._asking = True
        clock.start()
        try:
            frames.write(self._stdin, request, payload)
            answer = frames.read(self._stdout, RESULT_MAX)
        except (OSError, EOFError) as error:
            self.close()
            raise self._death() from error
        except ValueError as error:
            self.close()
            raise SandboxRefused("What was read from it is too large.", code="too-large") from error
        finally:
            clock.cancel()
            with self._turn:
                self._asking = False
        self.served += 1
        self.usable = not self._late
        return self._result(json.loads(answer))

    def _result(self, answer: dict[str, Any]) -> Any:
        if "ok" in answer:
            return answer["ok"]
        if answer["error"] == "memory":
            self.close()
        raise SandboxRefused(answer["message"], code=answer["error"])

    def _give_up(self) -> None:
        """The clock ran out; a clock that ran out just after the answer must not kill the next request."""
        with self._turn:
            if self._asking:
                self._late = True
                self._process.kill()

    def _death(self) -> SandboxRefused:
        if self._late:
            return SandboxRefused("It took too long to read.", code="deadline")
        return SandboxRefused("Its reader crashed.", code="crashed")

    def close(self) -> None:
        """End the child and let go of its pipes; may be called again."""
        self.usable = False
        self._process.kill()
        self._process.wait()
        self.forget()

    def forget(self) -> None:
        """Let go of the pipes only: after a fork the child belongs to the parent."""
        for pipe in (self._stdin, self._stdout):
            _close(pipe)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("The sandbox child was started without pipes.")
    return process.stdin, process.stdout


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # buffered bytes for a child that is gone
        return
