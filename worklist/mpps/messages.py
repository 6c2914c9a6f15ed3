"""N-CREATE and N-SET datasets as frozen messages (PS3.4 F.7.2). Pure: no Django, no socket."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydicom.dataset import Dataset

from ris.core.identifiers import is_uid
from worklist.mpps import reading
from worklist.mpps.attributes import BY_KEYWORD, NOT_SETTABLE, ROWS
from worklist.mpps.reading import MessageError
from worklist.mpps.statuses import INVALID_INSTANCE, INVALID_VALUE, MISSING_ATTRIBUTE, MISSING_VALUE

IN_PROGRESS: Final = "IN PROGRESS"
COMPLETED: Final = "COMPLETED"
DISCONTINUED: Final = "DISCONTINUED"
STATES: Final = frozenset({IN_PROGRESS, COMPLETED, DISCONTINUED})

# PS3.16 CID 9300 Procedure Discontinuation Reasons: DCM 110514
WRONG_ENTRY: Final = "110514"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledReference:
    """One item of ScheduledStepAttributesSequence: what the device says it is working on."""

    study_instance_uid: str
    accession_number: str = ""
    requested_procedure_id: str = ""
    step_id: str = ""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A dataset as it came: its bytes without group 2, and the UID of their transfer syntax."""

    body: bytes = field(default=b"", repr=False)
    transfer_syntax: str = ""


NOT_KEPT: Final = Encoded()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureStarted:
    """An N-CREATE. `started` is naive (the device's local time) unless the message carried its offset."""

    sop_instance_uid: str
    references: tuple[ScheduledReference, ...]
    patient_id: str
    performed_id: str
    station_ae_title: str
    modality: str
    started: datetime
    description: str = ""
    raw: Json = field(repr=False, compare=False)
    encoded: Encoded = NOT_KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureUpdated:
    """An N-SET. `state` is "" when the message does not touch it; `discontinuation_code` a code of CID 9300.

    `raw` is what it may change; `unsettable` what it says of attributes that only an N-CREATE sets.
    """

    sop_instance_uid: str
    state: str
    ended: datetime | None
    discontinuation_code: str
    discontinuation_meaning: str = ""
    raw: Json = field(repr=False, compare=False)
    unsettable: Json = field(default_factory=dict, repr=False, compare=False)
    encoded: Encoded = NOT_KEPT

    @property
    def wrong_entry(self) -> bool:
        """The operator had picked the wrong line of the worklist (workflow.md rule 3)."""
        return self.state == DISCONTINUED and self.discontinuation_code == WRONG_ENTRY


def digest(raw: Json) -> str:
    """What a message says, whatever its encoding: equal for one that was sent twice."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()


def started(sop_instance_uid: str, dataset: Dataset, encoded: Encoded = NOT_KEPT) -> ProcedureStarted:
    """Translate an N-CREATE. Raises MessageError."""
    _check_uid(sop_instance_uid)
    if reading.required(dataset, "PerformedProcedureStepStatus") != IN_PROGRESS:
        raise MessageError(INVALID_VALUE, "PerformedProcedureStepStatus")
    scheduled = reading.required_items(dataset, "ScheduledStepAttributesSequence")
    for keyword in ("PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime"):
        reading.required(dataset, keyword)
    begun = reading.moment(dataset, "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime")
    if begun is None:
        raise MessageError(MISSING_VALUE, "PerformedProcedureStepStartDate")
    return ProcedureStarted(
        sop_instance_uid=sop_instance_uid,
        references=tuple(_reference(item) for item in scheduled),
        patient_id=reading.text(dataset, "PatientID"),
        performed_id=reading.required(dataset, "PerformedProcedureStepID"),
        station_ae_title=reading.required(dataset, "PerformedStationAETitle"),
        modality=reading.required(dataset, "Modality"),
        started=begun,
        description=reading.text(dataset, "PerformedProcedureStepDescription"),
        raw=reading.as_json(dataset),
        encoded=encoded,
    )


def updated(sop_instance_uid: str, dataset: Dataset, encoded: Encoded = NOT_KEPT) -> ProcedureUpdated:
    """Translate an N-SET. Raises MessageError."""
    _check_uid(sop_instance_uid)
    touched = "PerformedProcedureStepStatus" in dataset
    state = reading.required(dataset, "PerformedProcedureStepStatus") if touched else ""
    if touched and state not in STATES:
        raise MessageError(INVALID_VALUE, "PerformedProcedureStepStatus")
    reasons = reading.items(dataset, "PerformedProcedureStepDiscontinuationReasonCodeSequence")
    for item in reading.items(dataset, "PerformedSeriesSequence"):
        _series_uid(item)
    raw = reading.as_json(dataset)
    return ProcedureUpdated(
        sop_instance_uid=sop_instance_uid,
        state=state,
        ended=reading.moment(dataset, "PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime"),
        discontinuation_code=reading.text(reasons[0], "CodeValue") if reasons else "",
        discontinuation_meaning=reading.text(reasons[0], "CodeMeaning") if reasons else "",
        raw={tag: element for tag, element in raw.items() if tag not in NOT_SETTABLE},
        unsettable={tag: element for tag, element in raw.items() if tag in NOT_SETTABLE},
        encoded=encoded,
    )


def left_as_created(message: ProcedureUpdated, created: Json) -> tuple[str, ...]:
    """Keywords that the N-SET would have changed and may not (Table F.7.2-1 "Not allowed"); an echo is none."""
    return tuple(
        row.keyword
        for row in ROWS
        if row.json_tag in message.unsettable
        and message.unsettable[row.json_tag].get("Value") != created.get(row.json_tag, {}).get("Value")
    )


def check_final(state: str, attributes: Json) -> None:
    """Whether all that must be known in a final state is known (Table F.7.2-1). Raises MessageError.

    `attributes` is what the N-CREATE and every N-SET so far have said, in DICOM JSON. A step that was broken off
    before any image has no series.
    """
    needed = ["PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime"]
    if state == COMPLETED:
        needed.append("PerformedSeriesSequence")
    for keyword in needed:
        element = attributes.get(BY_KEYWORD[keyword].json_tag)
        if element is None:
            raise MessageError(MISSING_ATTRIBUTE, keyword)
        if not any(element.get("Value") or ()):
            raise MessageError(MISSING_VALUE, keyword)


def _reference(item: Dataset) -> ScheduledReference:
    study = reading.required(item, "StudyInstanceUID")
    if not is_uid(study):
        raise MessageError(INVALID_VALUE, "StudyInstanceUID")
    return ScheduledReference(
        study_instance_uid=study,
        accession_number=reading.text(item, "AccessionNumber"),
        requested_procedure_id=reading.text(item, "RequestedProcedureID"),
        step_id=reading.text(item, "ScheduledProcedureStepID"),
    )


def _series_uid(item: Dataset) -> str:
    found = reading.required(item, "SeriesInstanceUID")
    if not is_uid(found):
        raise MessageError(INVALID_VALUE, "SeriesInstanceUID")
    return found


def _check_uid(sop_instance_uid: str) -> None:
    if not is_uid(sop_instance_uid):
        raise MessageError(INVALID_INSTANCE, "SOPInstanceUID")
