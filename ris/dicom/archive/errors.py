"""What can go wrong at the archive. A view may let these through: they are answered 503 or 404 in words."""

from __future__ import annotations

from ris.core.errors import InvalidInput, NotFound, Unavailable


class ArchiveError(Unavailable):
    """The archive did not do what was asked; `permanent` says that asking again will not help."""

    code = "archive"

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class NotInArchive(ArchiveError):
    """There is no such study, series or object at the archive (now)."""

    status = NotFound.status
    code = "not-in-archive"

    def __init__(self, message: str = "The archive has no such object.") -> None:
        super().__init__(message, permanent=True)


class NotSupported(ArchiveError):
    """This kind of archive cannot do that at all."""

    code = "not-supported"

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class InvalidKey(InvalidInput, ValueError):
    """A search value that must never reach an archive: it could widen the search."""
