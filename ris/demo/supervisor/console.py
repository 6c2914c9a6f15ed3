"""What the person at the keyboard sees: every line under the name of the process that said it."""

from __future__ import annotations

import os
import sys
from typing import TextIO

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92)
OWN_NAME = "demo"


class Console:
    """Writes `name | line`; goes on in silence when nobody can read it any more."""

    def __init__(self, output: TextIO | None = None) -> None:
        self._output = output or sys.stdout
        self._colour = self._output.isatty() and "NO_COLOR" not in os.environ
        self._names: dict[str, int] = {}
        self._gone = False

    def line(self, name: str, text: str) -> None:
        label = f"{name:<10}|"
        if self._colour:
            number = self._names.setdefault(name, COLOURS[len(self._names) % len(COLOURS)])
            label = f"\x1b[{number}m{label}\x1b[0m"
        self._write(f"{label} {text}\n")

    def say(self, text: str) -> None:
        """A line of the supervisor's own."""
        self.line(OWN_NAME, text)

    def block(self, text: str) -> None:
        """Several lines as they are, such as the box with the address."""
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        if self._gone:
            return
        try:
            self._output.write(text)
            self._output.flush()
        except OSError:
            self._gone = True
