"""`python -m ris.demo.supervisor run|reset`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from ris.demo.supervisor import guard, lock, ports, programs
from ris.demo.supervisor.console import Console
from ris.demo.supervisor.errors import AskedToStopError, DemoError
from ris.demo.supervisor.installation import Installation, data_folder, from_process
from ris.demo.supervisor.opening import Opening, box, sign_ins
from ris.demo.supervisor.preparation import prepare
from ris.demo.supervisor.reset import reset
from ris.demo.supervisor.supervision import Supervisor


def run_demo() -> None:
    """Prepare and run until told to stop."""
    lock.take(data_folder(os.environ))
    installation = from_process()
    ports.require_free(installation.ports)
    guard.split()
    console = Console()
    supervisor = Supervisor(console)
    try:
        work(installation, supervisor, console)
    finally:
        console.say("stopping")
        supervisor.stop()
    console.say("stopped; nothing is left running")


def work(installation: Installation, supervisor: Supervisor, console: Console) -> None:
    """The preparation, then the processes, until told to stop."""
    try:
        prepare(installation, supervisor, console)
        people = sign_ins(installation, supervisor)
    except AskedToStopError:
        return

    def open_doors() -> None:
        supervisor.add(programs.modality(installation))
        console.block(box(installation.address, people))

    supervisor.keep(programs.of(installation), Opening(installation, console, open_doors).look)


def reset_demo() -> None:
    """Empty the data folder and say so."""
    sys.stdout.write(f"{reset(data_folder(os.environ), os.environ)}\n")


COMMANDS: dict[str, Callable[[], None]] = {"run": run_demo, "reset": reset_demo}


def main(arguments: list[str]) -> int:
    """0 when it was told to stop, 1 with one sentence when it could not run, 2 for a command that is none."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        sys.stderr.write("Usage: python -m ris.demo.supervisor run|reset\n")
        return 2
    try:
        COMMANDS[arguments[0]]()
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"The demo could not go on: {error}.\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
