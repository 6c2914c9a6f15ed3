"""Why the sandbox did not return a result. Pure, since the child imports it too."""

from __future__ import annotations


class Refusal(ValueError):
    """Raised inside the sandbox: the payload cannot be used. The message is shown and logged, so it carries no PHI."""


class SandboxRefused(Exception):
    """The payload yielded nothing; `reason` is safe to show.

    `code` is refused (the function said so), failed (it raised something else), memory, deadline, crashed, too-large,
    or busy (no child was free in time: the only one worth a second try).
    """

    def __init__(self, reason: str, *, code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
