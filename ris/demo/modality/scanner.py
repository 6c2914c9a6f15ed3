"""One simulated device: it looks at its worklist, does the steps, stores the images and reports."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

from ris.demo.modality import mpps
from ris.demo.modality.acquisition import Acquisition
from ris.demo.modality.device import USUAL, Device, Habits
from ris.demo.modality.errors import (
    LostError,
    ModalityError,
    NoSuchStepError,
    RefusedError,
    StoppedError,
    UnsupportedModalityError,
    UnusableAnswerError,
)
from ris.demo.modality.images.kinds import Kind, kind_of
from ris.demo.modality.item import WorklistItem
from ris.demo.modality.reporter import Reporter
from ris.demo.modality.storing import check_archive, store
from ris.demo.modality.wire import Wire
from ris.demo.modality.worklist import ask

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Performed:
    """A step that was completed, with the series and images that the archive confirmed."""

    item: WorklistItem
    pps_uid: str
    series: tuple[mpps.Series, ...]

    @property
    def instances(self) -> int:
        return sum(len(series.images) for series in self.series)


class Scanner:
    """A device at work, in one thread; only `stop` may be called from another one or from a signal handler.

    `clock` gives seconds since the epoch, as `time.time` does.
    """

    def __init__(self, device: Device, habits: Habits = USUAL, *, clock: Callable[[], float] = time.time) -> None:
        self.device, self.habits = device, habits
        self._clock = clock
        self._wire = Wire(device.ae_title)
        self._reporter = Reporter(self._wire, device.worklist)
        self._stopping = threading.Event()
        self._dealt_with: set[tuple[str, str]] = set()

    def worklist(self, accession: str = "") -> list[WorklistItem]:
        """What the RIS offers this station now: one accession number of any day, else what is due.

        Raises UnreachableError, or RefusedError with the status of the C-FIND.
        """
        question = self.habits.question(self.device.ae_title, self._now().strftime("%Y%m%d"), accession)
        items: list[WorklistItem] = []
        for answer in ask(self._wire, self.device.worklist, question):
            try:
                items.append(WorklistItem.read(answer))
            except UnusableAnswerError as fault:
                log.warning("%s: %s", self.device.ae_title, fault)
        return [item for item in items if self.habits.takes(item, question)]

    def perform(self, accession: str) -> list[Performed]:
        """Do every workable step of one accession number now. Any ModalityError ends it."""
        items = self.worklist(accession)
        if not items:
            raise NoSuchStepError(f"{self.device.ae_title}: the worklist has no step of accession {accession} to do.")
        return [self.perform_step(item) for item in items]

    def work(self) -> list[Performed]:
        """Look at the list once and do each step that was not dealt with before.

        A step that is refused is logged and left alone from then on. Raises UnreachableError when a peer is away
        (call again later: nothing is lost) and StoppedError after `stop`.
        """
        self._reporter.settle()
        done: list[Performed] = []
        for item in self.worklist():
            if self._key(item) in self._dealt_with:
                continue
            try:
                done.append(self.perform_step(item))
            except (RefusedError, UnsupportedModalityError) as fault:
                self._dealt_with.add(self._key(item))
                log.warning("%s: %s: %s", self.device.ae_title, item, fault)
        return done

    def perform_step(self, item: WorklistItem) -> Performed:
        """MPPS IN PROGRESS, images into the archive, MPPS COMPLETED (or DISCONTINUED, and the error raised)."""
        self._go_on()
        kind = kind_of(item.modality)
        check_archive(self._wire, self.device.archive, kind.sop_class)
        acquisition = Acquisition(item, self.device.ae_title, self._now())
        with self._under_way(acquisition) as record:
            self._stopping.wait(self.habits.delay_seconds)
            self._scan(acquisition, kind, record)
        log.info("%s: %s: completed, %d images stored", self.device.ae_title, item, record.instances)
        return Performed(item, acquisition.pps_uid, record.series)

    def stop(self) -> None:
        """End what is under way; the step in hand is reported as discontinued if the RIS answers at once."""
        self._stopping.set()
        self._wire.hang_up()

    def _scan(self, acquisition: Acquisition, kind: Kind, record: mpps.Record) -> None:
        images = kind.images(acquisition, self.habits.images)
        with closing(store(self._wire, self.device.archive, kind.sop_class, images)) as stored:
            self._go_on()
            for image in stored:
                record.note(image)
                self._go_on()

    @contextmanager
    def _under_way(self, acquisition: Acquisition) -> Iterator[mpps.Record]:
        """Whatever happens inside, the RIS hears how the step ended."""
        record = mpps.Record()
        self._start(acquisition, record)
        try:
            yield record
        except BaseException:
            self._give_up(acquisition, record)
            raise
        self._reporter.end(acquisition.pps_uid, mpps.completion(acquisition, record, self._now()))

    def _start(self, acquisition: Acquisition, record: mpps.Record) -> None:
        try:
            self._reporter.start(acquisition.pps_uid, mpps.creation(acquisition))
        except LostError:  # the RIS may have heard: it must not wait for images that nobody makes
            self._give_up(acquisition, record)
            raise
        self._dealt_with.add(self._key(acquisition.item))
        log.info("%s: %s: started", self.device.ae_title, acquisition.item)

    def _give_up(self, acquisition: Acquisition, record: mpps.Record) -> None:
        reason = mpps.UNSPECIFIED_REASON if self._stopping.is_set() else mpps.EQUIPMENT_FAILURE
        attributes = mpps.discontinuation(acquisition, record, self._now(), reason)
        log.warning("%s: %s: discontinued, %s", self.device.ae_title, acquisition.item, reason.meaning)
        try:
            self._reporter.end(acquisition.pps_uid, attributes)
        except ModalityError as fault:
            log.warning("%s: %s: the RIS has not heard that yet: %s", self.device.ae_title, acquisition.item, fault)

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise StoppedError(f"{self.device.ae_title}: stopped.")

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), tz=self.habits.zone)

    @staticmethod
    def _key(item: WorklistItem) -> tuple[str, str]:
        return item.study_instance_uid, item.sps_id
