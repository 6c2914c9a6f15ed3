"""Domain errors: few, named, each with an HTTP status and words that say what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """Something the person asked for cannot be done; `message` says why and what to do."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})


class NotPermitted(DomainError):
    """The actor may see the thing but not do this to it."""

    status = 403
    code = "not-permitted"


class AnothersPage(NotPermitted):
    """The page was opened by somebody else than who is signed in by now."""

    status = 409
    code = "another-user"


class NotFound(DomainError):
    """There is no such thing for this actor."""

    status = 404
    code = "not-found"


class NotVisible(NotFound):
    """There is such a thing, and it is none of this actor's: answered exactly as if there were none, but audited."""


class TransitionError(DomainError):
    """The lifecycle has no such move from the present state."""

    status = 409
    code = "illegal-move"


class ConcurrentUpdateError(DomainError):
    """Somebody else was first."""

    status = 409
    code = "changed-meanwhile"


class Collision(DomainError):
    """The slot is taken."""

    status = 409
    code = "slot-taken"


class InvalidInput(DomainError):
    """What was typed cannot be used; `fields` names each field and its fault."""

    status = 422
    code = "invalid"


class Unavailable(DomainError):
    """A peer that is needed right now does not answer."""

    status = 503
    code = "unavailable"
    retry_after = 5
