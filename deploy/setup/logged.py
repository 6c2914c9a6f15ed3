"""Long commands: quiet on the screen, complete in `build/logs/`."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.setup import places
from deploy.setup.errors import SetupError

NETWORK_SIGNS = (
    "temporary failure resolving",
    "temporary failure in name resolution",
    "name or service not known",
    "could not resolve",
    "could not connect",
    "failed to fetch",
    "network is unreachable",
    "newconnectionerror",
    "connection refused",
    "timed out",
    "proxyerror",
    "eai_again",
)
DISK_SIGNS = ("no space left on device", "errno 28", "enospc", "disk full")


def run(what: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    """Run `command`, its output in `build/logs/<what>.log`.

    Raises SetupError, one sentence that tells a network that is not there and a full disk from other failures.
    """
    log = places.LOGS / f"{what.replace(' ', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        code = subprocess.call(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env)
    if code != 0:
        raise SetupError(explain(what, log, code))


def explain(what: str, log: Path, code: int) -> str:
    """Why it failed, as far as its output tells, and where the rest of it is."""
    said = log.read_text(encoding="utf-8", errors="replace").lower()
    if any(sign in said for sign in DISK_SIGNS):
        cause = "the disk is full; free some space and run the same command again"
    elif any(sign in said for sign in NETWORK_SIGNS):
        cause = "the package server cannot be reached; the first run needs a network, later ones do not"
    else:
        cause = f"it ended with exit code {code}"
    return f"Could not finish '{what}': {cause} (details in {log})."
