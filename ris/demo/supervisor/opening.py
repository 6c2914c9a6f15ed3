"""The box at the end of the start: where to go and as whom."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

from ris.demo.supervisor.console import Console
from ris.demo.supervisor.errors import DemoError
from ris.demo.supervisor.installation import Installation
from ris.demo.supervisor.supervision import Supervisor

LONGEST_WAIT = 90.0

SignIn = tuple[str, str, str]


def sign_ins(installation: Installation, supervisor: Supervisor) -> list[SignIn]:
    """(role, user name, password) of everybody the demo knows, as `manage.py demo_sign_ins` tells."""
    said: list[str] = []
    if supervisor.complete(installation.manage("sign-ins", "demo_sign_ins"), said.append) != 0:
        raise DemoError(f"The demo's sign-ins cannot be listed: {said[-1] if said else 'no reason given'}.")
    return [(row["role"], row["username"], row["password"]) for row in json.loads(said[-1])]


def box(address: str, people: Sequence[SignIn]) -> str:
    """A framed table: the address, and one line per role."""
    role_width = max(len(role) for role, _, _ in people)
    name_width = max(len(name) for _, name, _ in people)
    rows = [f"{role:<{role_width}}   {name:<{name_width}}   {password}" for role, name, password in people]
    lines = [
        f"Isocenter is running at  {address}",
        "",
        "Sign in as (role, user name, password):",
        *rows,
        "",
        "Ctrl-C stops everything.",
    ]
    width = max(map(len, lines))
    body = [f"║ {line:<{width}} ║" for line in lines]
    return "\n".join(["╔" + "═" * (width + 2) + "╗", *body, "╚" + "═" * (width + 2) + "╝"])


class Opening:
    """What happens once, as soon as every port answers."""

    def __init__(self, installation: Installation, console: Console, then: Callable[[], None]) -> None:
        self._ports = installation.ports.all()
        self._console = console
        self._then = then
        self._began = time.monotonic()
        self._done = False

    def look(self) -> None:
        """Call this often. After a while it goes ahead all the same, and names what does not answer."""
        if self._done:
            return
        silent = [port for port in self._ports if not port.listening()]
        if silent and time.monotonic() - self._began < LONGEST_WAIT:
            return
        for port in silent:
            self._console.say(f"Nothing answers on port {port.number} for {port.purpose} yet; its lines above tell why")
        self._done = True
        self._then()
