"""The sound of a recording as an answer, whole or in ranges."""

from __future__ import annotations

from django.http import HttpResponse

from reporting.dictation.actions import hear
from reporting.dictation.ranges import Unsatisfiable, range_of
from reporting.dictation.record import Clip
from ris import audit
from ris.accounts.models import User


def sound_of(clip: Clip, asked: str, *, by: User) -> HttpResponse:
    """206 for a range, 416 behind the end; listening from the beginning is recorded in the audit trail."""
    body = hear(clip, by=by)
    try:
        chosen = range_of(asked, len(body))
    except Unsatisfiable:
        return _marked(HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(body)}"}))
    first, last = chosen or (0, len(body) - 1)
    if first == 0:
        audit.record("dictation.heard", clip.report, by=by, patient=clip.report.task.patient_id, clip=clip.pk)
    answer = HttpResponse(body[first : last + 1], content_type=clip.content_type, status=206 if chosen else 200)
    if chosen:
        answer.headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return _marked(answer)


def _marked(answer: HttpResponse) -> HttpResponse:
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
