"""`manage.py do_hl7`: do the HL7 messages that run_mllp has taken and not done. It begins this by itself."""

from __future__ import annotations

import logging
import signal
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connections

from ris.hl7.incoming.backlog import work_off
from ris.hl7.incoming.worker import Bell

log = logging.getLogger(__name__)

EVERY: Final = 5.0


class Command(BaseCommand):
    help = "Do the HL7 messages that were taken and not done yet, until standard input ends."

    def handle(self, *_args: Any, **_options: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        bell = Bell()
        while not bell.ended():
            close_old_connections()
            try:
                work_off(bell.ended)
            except DatabaseError as error:
                log.warning("messages wait for the database (%s)", type(error).__name__)
            bell.listen(EVERY)
        connections.close_all()
