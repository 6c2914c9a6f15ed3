"""Synthetic worklist entries and queries."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from worklist.mwl.encoding import Encoded, ordered
from worklist.mwl.entry import Code, Issuer, OtherPatientId, StepEntry, WorklistEntry
from worklist.mwl.query import MwlQuery
from worklist.mwl.style import Style

STEP = StepEntry(
    station_ae_titles=("CT1",),
    start_date="20270312",
    start_time="103000",
    modality="CT",
    step_id="N260000001-1",
    description="CT chest",
    station_name="CT one",
    location="Room 3",
    protocol_codes=(Code("CTCH", "99ISO", "CT chest"),),
    status="SCHEDULED",
)
ENTRY = WorklistEntry(
    steps=(STEP,),
    patient_name="Müller^Änne^^Dr.",
    patient_id="N-0001",
    patient_id_issuer="NORTH",
    other_patient_ids=(OtherPatientId("S-77", "SOUTH"),),
    requested_procedure_id="N260000001",
    study_instance_uid="2.25.1001",
    procedure_description="CT chest",
    procedure_codes=(Code("CTCH", "99ISO", "CT chest"),),
    accession_number="N260000001",
    accession_issuers=(Issuer("NORTH"),),
    birth_date="19640229",
    sex="F",
    priority="ROUTINE",
    referring_physician="Berg^Ida",
    requesting_physician="Berg^Ida",
)


def entry(**changes: Any) -> WorklistEntry:
    """ENTRY with changes; those of the step are written with a leading `step_`, such as step_modality."""
    inner = {name.removeprefix("step_"): changes.pop(name) for name in list(changes) if name.startswith("step_")}
    return replace(ENTRY, steps=(replace(STEP, **inner),), **changes)


def identifier(step: dict[str, Any] | None = None, **keys: Any) -> Dataset:
    """An identifier with one step item (none when `step` is None) and further keys by keyword."""
    dataset = Dataset()
    for keyword, value in keys.items():
        setattr(dataset, keyword, value)
    if step is not None:
        item = Dataset()
        for keyword, value in step.items():
            setattr(item, keyword, value)
        dataset.ScheduledProcedureStepSequence = [item]
    return dataset


def answered(entry: WorklistEntry, query: MwlQuery, style: Style | None = None) -> Dataset:
    """What the device reads of an answer to the query, as it goes over the wire."""
    style = style or Style()
    return decoded(Encoded(entry, style).answer(ordered(query.keys)), implicit=style.implicit)


def decoded(identifier: bytes, *, implicit: bool = True) -> Dataset:
    dataset = read_dataset(BytesIO(identifier), is_implicit_VR=implicit, is_little_endian=True)
    dataset.decode()
    return dataset
