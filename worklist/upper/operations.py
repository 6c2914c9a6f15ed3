"""Which operations each SOP class offers, and what is said to the others (PS3.4 A, F.7, F.8, K; PS3.7 Annex C)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from worklist.upper.commands import Command, Field
from worklist.upper.contract import NO_SUCH_SOP_CLASS, NOT_OFFERED, UNRECOGNIZED_OPERATION, Status
from worklist.upper.negotiation import Context

VERIFICATION: Final = "1.2.840.10008.1.1"
WORKLIST: Final = "1.2.840.10008.5.1.4.31"
PERFORMED: Final = "1.2.840.10008.3.1.2.3.3"
PERFORMED_RETRIEVE: Final = "1.2.840.10008.3.1.2.3.4"

OPERATIONS: Final[Mapping[str, frozenset[Field]]] = {
    VERIFICATION: frozenset({Field.C_ECHO}),
    WORKLIST: frozenset({Field.C_FIND}),
    PERFORMED: frozenset({Field.N_CREATE, Field.N_SET}),
    PERFORMED_RETRIEVE: frozenset({Field.N_GET}),
}


def refusal(command: Command, context: Context) -> Status | None:
    """Why `command` is not answered on `context`; None when it is."""
    if command.field not in OPERATIONS.get(context.sop_class, ()):
        return UNRECOGNIZED_OPERATION
    if command.sop_class != context.sop_class:
        return NOT_OFFERED if command.field in {Field.C_ECHO, Field.C_FIND} else NO_SUCH_SOP_CLASS
    return None
