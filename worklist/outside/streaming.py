"""The ZIP of a study on its way to who asked for it, in pieces from the disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator
from pathlib import Path

from django.http import StreamingHttpResponse

from ris.accounts.models import User
from worklist.outside.exporting import hand_out
from worklist.outside.rows import StudyExport

PIECE = 1024 * 1024


def zip_answer(row: StudyExport, *, by: User, later: bool) -> StreamingHttpResponse:
    """The file, however large it is; `later` for a server with an event loop. That it was handed out is recorded."""
    path = hand_out(row, by=by)
    answer = StreamingHttpResponse(_later(path) if later else _pieces(path), content_type="application/zip")
    answer.headers["Content-Length"] = str(path.stat().st_size)
    answer.headers["Content-Disposition"] = f'attachment; filename="study-{row.pk}.zip"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _pieces(path: Path) -> Generator[bytes]:
    with path.open("rb") as file:
        while part := file.read(PIECE):
            yield part


async def _later(path: Path) -> AsyncIterator[bytes]:
    """The same for the event loop, which would hold the whole file in memory otherwise."""
    pieces = _pieces(path)
    try:
        while part := await asyncio.to_thread(next, pieces, b""):
            yield part
    finally:
        pieces.close()
