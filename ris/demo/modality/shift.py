"""Several devices at work in one process, each in its own thread, until told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait

from ris.demo.modality.errors import ModalityError, NoSuchStepError, StoppedError
from ris.demo.modality.scanner import Performed, Scanner

log = logging.getLogger(__name__)


class Shift:
    """Devices that look at their worklists every `interval` seconds.

    A peer that is away costs one log line, and one when it is back; a fault of our own ends the shift and is raised.
    """

    def __init__(self, scanners: Sequence[Scanner], *, interval: float) -> None:
        self._scanners, self._interval = scanners, interval
        self._over = threading.Event()

    def run(self) -> None:
        """Work until `stop`."""
        with ThreadPoolExecutor(len(self._scanners), thread_name_prefix="modality") as pool:
            try:
                for ended in as_completed([pool.submit(self._attend, scanner) for scanner in self._scanners]):
                    ended.result()
            finally:
                self.stop()

    def once(self) -> list[Performed]:
        """One look at each worklist; any ModalityError is raised."""
        return [performed for turn in self._turns(Scanner.work) for performed in turn.result()]

    def perform(self, accession: str) -> list[Performed]:
        """Every step of one accession number, by whichever devices have it on their lists.

        Raises the first device's error when none of them did anything.
        """
        turns = self._turns(lambda scanner: scanner.perform(accession))
        faults = [fault for turn in turns if (fault := turn.exception())]
        performed = [one for turn in turns if not turn.exception() for one in turn.result()]
        worse = [fault for fault in faults if not isinstance(fault, NoSuchStepError)]
        if not performed or not all(isinstance(fault, ModalityError) for fault in faults):
            raise (worse or faults)[0]
        return performed

    def _turns(self, turn: Callable[[Scanner], list[Performed]]) -> list[Future[list[Performed]]]:
        """Every device takes its turn beside the others; all have ended."""
        with ThreadPoolExecutor(len(self._scanners), thread_name_prefix="modality") as pool:
            turns = [pool.submit(turn, scanner) for scanner in self._scanners]
            wait(turns)
        return turns

    def stop(self) -> None:
        """End everything at once; safe in a signal handler."""
        self._over.set()
        for scanner in self._scanners:
            scanner.stop()

    def _attend(self, scanner: Scanner) -> None:
        trouble = ""
        while not self._over.is_set():
            trouble = self._look(scanner, trouble)
            self._over.wait(self._interval)

    def _look(self, scanner: Scanner, trouble: str) -> str:
        """One look at the list; returns what is wrong now, so that it is told only when it changes."""
        try:
            scanner.work()
        except StoppedError:
            return trouble
        except ModalityError as fault:
            if str(fault) != trouble and not self._over.is_set():
                log.warning("%s Trying again every %g s.", fault, self._interval)
            return str(fault)
        if trouble:
            log.info("%s: at work again.", scanner.device.ae_title)
        return ""
