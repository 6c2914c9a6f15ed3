"""Log lines carry ids, never names: also where an exception quotes what somebody typed (DESIGN.md §5.12)."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import TypeAlias

Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Nameless(logging.Formatter):
    """Writes of an exception its class and the lines it passed through, not its words, which may quote a patient."""

    def formatException(self, ei: Raised) -> str:  # noqa: N802  the name is logging's
        written: list[str] = []
        error = ei[1]
        while error is not None:
            written = [*traceback.format_tb(error.__traceback__), f"{type(error).__name__}\n", *written]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "".join(written).rstrip()
