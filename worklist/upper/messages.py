"""Puts DIMSE messages together from presentation data values (PS3.7 Section 6.3.1, PS3.8 Annex E)."""

from __future__ import annotations

from dataclasses import dataclass, field

from worklist.upper.commands import Command, Field, read
from worklist.upper.limits import COMMAND_BYTES, DATASET_BYTES, IDENTIFIER_BYTES
from worklist.upper.pdus import Fragment


class FragmentError(ValueError):
    """Fragments that make no message, or one that is too long. Never quotes them."""


@dataclass(frozen=True, slots=True)
class Message:
    """A whole request on its presentation context. `dataset` is None when the command says that there is none."""

    context: int
    command: Command
    dataset: bytes | None = field(default=None, repr=False)


class Assembly:
    """The message that is on its way. One at a time: fragments of two messages are never mixed."""

    __slots__ = ("_command", "_context", "_data")

    def __init__(self) -> None:
        self._context = 0
        self._command: Command | None = None
        self._data = bytearray()

    @property
    def begun(self) -> bool:
        return self._context != 0

    def add(self, fragment: Fragment) -> Message | None:
        """The message that `fragment` completes. Raises FragmentError and CommandError."""
        self._check(fragment)
        self._context = fragment.context
        self._data += fragment.data
        if not fragment.last:
            return None
        encoded = bytes(self._data)
        self._data.clear()
        if self._command is not None:
            return self._complete(self._command, encoded)
        command = read(encoded)
        if not command.has_dataset:
            return self._complete(command, None)
        self._command = command
        return None

    def _check(self, fragment: Fragment) -> None:
        if self.begun and fragment.context != self._context:
            raise FragmentError("fragments of two presentation contexts in one message")
        if fragment.command is not (self._command is None):
            raise FragmentError("a command or a dataset out of its turn")
        if len(self._data) + len(fragment.data) > self._longest():
            raise FragmentError("a message that is too long")

    def _longest(self) -> int:
        if self._command is None:
            return COMMAND_BYTES
        return IDENTIFIER_BYTES if self._command.field is Field.C_FIND else DATASET_BYTES

    def _complete(self, command: Command, dataset: bytes | None) -> Message:
        message = Message(self._context, command, dataset)
        self._context, self._command = 0, None
        return message
