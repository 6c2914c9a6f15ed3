"""What happens before the processes start: viewer, database, demo data. Each step may be run again."""

from __future__ import annotations

from dataclasses import dataclass

from ris.demo.supervisor.console import Console
from ris.demo.supervisor.errors import DemoError
from ris.demo.supervisor.installation import Installation
from ris.demo.supervisor.supervision import Supervisor

COMMAND_ERROR = "CommandError: "


@dataclass(frozen=True, slots=True)
class Step:
    """A management command, and what it is for in words."""

    title: str
    command: tuple[str, ...]
    patience: str = ""


def steps(installation: Installation) -> list[Step]:
    """All of them, in their order."""
    every = [
        Step("Preparing the viewer", ("fetch_ohif",), " (a minute or two the first time)"),
        Step("Preparing the database", ("migrate", "--noinput", "--verbosity", "0")),
        Step("Preparing the cache", ("createcachetable",)),
        Step("Preparing the demo's people, rooms and orders", ("seed_demo",)),
    ]
    if installation.ports.orthanc_dicom:
        where = ("--output", str(installation.orthanc_file))
        port = ("--dicom-port", str(installation.ports.orthanc_dicom.number))
        every.append(Step("Preparing the archive", ("orthanc_config", *where, *port)))
    return every


def prepare(installation: Installation, supervisor: Supervisor, console: Console) -> None:
    """Take the steps in their order.

    Raises DemoError with the reason when one fails, AskedToStopError when told to stop meanwhile.
    """
    for step in steps(installation):
        console.say(f"{step.title}{step.patience}")
        _take(step, installation, supervisor)


def _take(step: Step, installation: Installation, supervisor: Supervisor) -> None:
    log = installation.data / "logs" / f"{step.command[0]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    said: list[str] = []
    code = supervisor.complete(installation.manage(step.command[0], *step.command), said.append)
    log.write_text("\n".join(said) + "\n", encoding="utf-8")
    if code != 0:
        reason = _reason(said) or f"exit code {code}"
        raise DemoError(f"{step.title} failed: {reason} (details in {log}).")


def _reason(said: list[str]) -> str:
    """The last thing a failing command says is its error."""
    last = next((line.strip() for line in reversed(said) if line.strip()), "")
    return last.removeprefix(COMMAND_ERROR).rstrip(".")
