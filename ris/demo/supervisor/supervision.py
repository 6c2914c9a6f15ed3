"""Keeping programs running: one thread, one selector, own children only."""

from __future__ import annotations

import selectors
import signal
import time
from collections.abc import Callable
from types import FrameType

from ris.demo.supervisor.child import Child, Program
from ris.demo.supervisor.console import Console
from ris.demo.supervisor.errors import AskedToStopError
from ris.demo.supervisor.guard import GRACE_SECONDS, STOPPING_SIGNALS, end_strangers

TICK_SECONDS = 0.2
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0


class Supervisor:
    """Starts programs, passes their lines on, starts again what crashes, and ends them all when told to."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, Child] = {}
        self._began: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        self._waiting: list[tuple[float, Program]] = []
        self._signals = 0
        for number in STOPPING_SIGNALS:
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    @property
    def stopping(self) -> bool:
        return self._signals > 0

    def complete(self, program: Program, on_line: Callable[[str], None]) -> int:
        """Run a program to its end and return its exit code. Raises AskedToStopError when told to stop meanwhile."""
        child = self._start(program)
        while not child.has_ended():
            if self.stopping:
                raise AskedToStopError
            self._wait()
            _pass_on(self._lines_of(child), on_line)
        code, last = self._finish(child)
        _pass_on(last, on_line)
        return code

    def add(self, program: Program) -> None:
        """Start a program that is to be kept running."""
        self._start(program)

    def keep(self, programs: list[Program], on_tick: Callable[[], None]) -> None:
        """Run the programs until told to stop; calls `on_tick` a few times a second."""
        for program in programs:
            self.add(program)
        while not self.stopping:
            self._wait()
            self._print_lines()
            self._restart_the_crashed()
            on_tick()

    def stop(self) -> None:
        """End everything: a polite signal, a grace period (a second Ctrl-C cuts it short), then SIGKILL."""
        asked, deadline = self._signals, time.monotonic() + GRACE_SECONDS
        for child in self._children.values():
            child.ask_to_stop()
        while self._children and time.monotonic() < deadline and self._signals == asked:
            self._wait()
            self._print_lines()
            for child in self._ended():
                self._finish(child)
        for child in list(self._children.values()):
            self._console.say(f"{child.program.name} did not stop by itself and is killed")
            self._finish(child)
        end_strangers(known=(), grace=0)

    def _start(self, program: Program) -> Child:
        child = Child(program)
        self._children[child.pid] = child
        self._began[program.name] = time.monotonic()
        self._selector.register(child.output, selectors.EVENT_READ)
        return child

    def _finish(self, child: Child) -> tuple[int, list[str]]:
        self._stop_listening_to(child)
        code, last = child.finish()
        del self._children[child.pid]
        return code, last

    def _wait(self) -> None:
        """Until somebody has said something, at most one tick."""
        self._selector.select(TICK_SECONDS)

    def _print_lines(self) -> None:
        for child in self._children.values():
            for line in self._lines_of(child):
                self._console.line(child.program.name, line)

    def _lines_of(self, child: Child) -> list[str]:
        lines = child.lines()
        if child.silent:
            self._stop_listening_to(child)
        return lines

    def _stop_listening_to(self, child: Child) -> None:
        if child.output in self._selector.get_map():
            self._selector.unregister(child.output)

    def _ended(self) -> list[Child]:
        return [child for child in self._children.values() if child.has_ended()]

    def _restart_the_crashed(self) -> None:
        for child in self._ended():
            self._note_crash(child)
        due = [program for moment, program in self._waiting if moment <= time.monotonic()]
        self._waiting = [(moment, program) for moment, program in self._waiting if program not in due]
        for program in due:
            self._start(program)

    def _note_crash(self, child: Child) -> None:
        program = child.program
        code, last = self._finish(child)
        end_strangers(known=self._children, grace=0)
        for line in last:
            self._console.line(program.name, line)
        pause = self._next_pause(program.name)
        self._console.say(f"{program.name} {_how(code)}; starting it again in {pause:.0f} s")
        self._waiting.append((time.monotonic() + pause, program))

    def _next_pause(self, name: str) -> float:
        """Twice the last one, up to half a minute; from the start again after a minute of steady running."""
        steady = time.monotonic() - self._began[name] >= STEADY_SECONDS
        pause = FIRST_PAUSE if steady else self._pauses.get(name, FIRST_PAUSE)
        self._pauses[name] = min(pause * 2, LONGEST_PAUSE)
        return pause


def _pass_on(lines: list[str], on_line: Callable[[str], None]) -> None:
    for line in lines:
        on_line(line)


def _how(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
