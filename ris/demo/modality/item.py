"""One answer of the worklist, as the device reads it (PS3.4 Table K.6-1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydicom import Dataset
from pydicom.multival import MultiValue

from ris.demo.modality.errors import UnusableAnswerError

WORKABLE = frozenset({"SCHEDULED", "ARRIVED", "READY"})
PRESENT = frozenset({"ARRIVED", "READY"})
NEEDED = ("StudyInstanceUID", "PatientID")
NEEDED_IN_STEP = ("ScheduledProcedureStepID", "Modality")


@dataclass(frozen=True, slots=True)
class WorklistItem:
    """A scheduled procedure step with everything the RIS told about it.

    `answer` is the C-FIND identifier itself: images copy their attributes from it unchanged. It holds a person, so
    it stays out of the repr, which ends in logs and tracebacks.
    """

    answer: Dataset = field(repr=False)

    @classmethod
    def read(cls, answer: Dataset) -> WorklistItem:
        """Drop what the RIS knows nothing of, and check what no image can do without.

        A worklist returns every key that was asked for, empty ones too, down to the version of a coding scheme; an
        image may not carry those (type 1C). UnusableAnswerError names the attributes that are missing.
        """
        _drop_empty(answer)
        steps = answer.get("ScheduledProcedureStepSequence") or [Dataset()]
        missing = [name for name in NEEDED if not answer.get(name)]
        missing += [name for name in NEEDED_IN_STEP if not steps[0].get(name)]
        if missing:
            raise UnusableAnswerError(f"A worklist answer has no {', '.join(missing)}.")
        return cls(answer)

    @property
    def step(self) -> Dataset:
        item: Dataset = self.answer.ScheduledProcedureStepSequence[0]
        return item

    @property
    def accession(self) -> str:
        return str(self.answer.get("AccessionNumber") or "")

    @property
    def sps_id(self) -> str:
        return str(self.step.ScheduledProcedureStepID)

    @property
    def study_instance_uid(self) -> str:
        return str(self.answer.StudyInstanceUID)

    @property
    def modality(self) -> str:
        return str(self.step.Modality)

    @property
    def status(self) -> str:
        """SPS Status (0040,0020), type 3: empty when the RIS does not say."""
        return str(self.step.get("ScheduledProcedureStepStatus") or "")

    @property
    def day(self) -> str:
        """SPS Start Date as DA, `YYYYMMDD`."""
        return str(self.step.get("ScheduledProcedureStepStartDate") or "")

    @property
    def stations(self) -> tuple[str, ...]:
        """Scheduled Station AE Title; an answer may name several devices."""
        titles = self.step.get("ScheduledStationAETitle") or ""
        return tuple(titles) if isinstance(titles, MultiValue) else (str(titles),)

    @property
    def protocol(self) -> str:
        """What the step is called: its description, else the meaning of its protocol code."""
        codes = self.step.get("ScheduledProtocolCodeSequence") or [Dataset()]
        said = self.step.get("ScheduledProcedureStepDescription") or codes[0].get("CodeMeaning")
        return str(said or "")

    @property
    def procedure(self) -> str:
        """What was requested: its description, else the meaning of its code, else the step's name."""
        codes = self.answer.get("RequestedProcedureCodeSequence") or [Dataset()]
        said = self.answer.get("RequestedProcedureDescription") or codes[0].get("CodeMeaning")
        return str(said or self.protocol)

    def __str__(self) -> str:
        return f"accession {self.accession or 'none'}, step {self.sps_id}"


def _drop_empty(dataset: Dataset) -> None:
    """Remove elements without value, in items of sequences as well, and items that nothing is left of."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                _drop_empty(item)
            element.value = [item for item in element.value if len(item)]
        if element.is_empty:
            del dataset[element.tag]
