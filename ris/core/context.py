"""What every row of the audit trail wants to know of the present request, without passing it around."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestContext:
    request_id: str = ""
    source: str = ""


_NOBODY = RequestContext()
current: ContextVar[RequestContext] = ContextVar("request_context", default=_NOBODY)
