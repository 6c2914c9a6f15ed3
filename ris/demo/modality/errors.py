"""What can go wrong at a device; each is one log line and never the end of the process."""

from __future__ import annotations


class ModalityError(Exception):
    """A step could not be done. The message names AE titles and identifiers, never a person."""


class UnreachableError(ModalityError):
    """No association, a lost one, or a peer that is not ready: the same attempt may succeed later."""


class LostError(UnreachableError):
    """The association ended before the answer: what was asked may have been done."""


class RefusedError(ModalityError):
    """The peer answered with a failure status (PS3.7 Annex C): repeating it unchanged is useless."""


class NoSuchStepError(ModalityError):
    """The worklist holds nothing of that accession number for this station."""


class UnusableAnswerError(ModalityError):
    """A worklist answer lacks an attribute that is type 1 there (PS3.4 Table K.6-1)."""


class UnsupportedModalityError(ModalityError):
    """The step asks for a kind of study that this device cannot make."""


class StoppedError(ModalityError):
    """The process is asked to end while a step is under way."""
