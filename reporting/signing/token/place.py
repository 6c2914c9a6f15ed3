"""Which key on which token."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class TokenKey:
    """A private key by its label, its id (hexadecimal), or both. Without a `pin` nobody logs in.

    `module`: the path of the token's PKCS#11 driver. `token`: the label under which the token was initialised.
    `turns`: a folder where those who ask it take turns. `withheld`: variables that the driver's process does not get.
    """

    module: str
    token: str
    turns: Path
    label: str = ""
    key_id: str = ""
    pin: str = field(default="", repr=False)
    withheld: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def name(self) -> str:
        """As it is called in sentences."""
        return f"“{self.label}”" if self.label else f"with the id {self.key_id}"
