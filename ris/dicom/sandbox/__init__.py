"""Foreign bytes are parsed only here: in child processes with little memory, little time and no secrets.

    sandbox.call("ris.dicom.sandbox.content.describe", part10_bytes) -> JSON-able

The function gets the payload (bytes) first and returns what JSON can carry. It and all it imports must be free of
Django, of sockets and of settings: the child has neither. To refuse a payload in words that may be shown and logged,
it raises `Refusal`; of any other exception only the class name leaves the child.
"""

from ris.dicom.sandbox.errors import Refusal, SandboxRefused
from ris.dicom.sandbox.pool import call

__all__ = ["Refusal", "SandboxRefused", "call"]
