"""One browser, one patient: who signs does it in the window whose case was opened last (DESIGN.md §5.10)."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase

from ris.core.errors import TransitionError
from ris.patients.models import Patient

KEY = "open-patient"


def note(session: SessionBase, patient: Patient) -> None:
    """A case of this patient stands on the screen now."""
    if session.get(KEY) != patient.current.pk:
        session[KEY] = patient.current.pk


def require(session: SessionBase, patient: Patient) -> None:
    """TransitionError when another patient's case was opened in another window since.

    A session that never opened a reading room, as a script has, is asked nothing.
    """
    if session.get(KEY, patient.current.pk) != patient.current.pk:
        raise TransitionError(
            "Another patient's case was opened in another window. Go on with this one here first; nothing was signed."
        )
