"""What was understood of one SR: plain frozen data, the same for every reader."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.sr.check import Checked
from reporting.sr.codes import Code
from reporting.sr.content import Reference
from reporting.sr.numeric import Number
from reporting.sr.recompute import Drawing


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Something said in a code or in words, not in a number."""

    name: Code | None
    value: str
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One number: what it is, what was written, what the check made of it. `number.value` is None when dropped.

    `derivation` is mean, maximum and the like; `selection` why this of several repetitions (CID 224); `modifiers` what
    else narrows the concept: image mode, flow direction, point of the heart's cycle.
    """

    concept: Code
    number: Number
    checked: Checked
    derivation: Code | None = None
    selection: Code | None = None
    modifiers: tuple[Evaluation, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers that belong together: one annotation of a viewer, or one section of another template."""

    title: str = ""
    tracking_identifier: str = ""
    tracking_uid: str = ""
    tool: str = ""
    label: str = ""
    finding: Code | None = None
    site: Code | None = None
    laterality: Code | None = None
    method: Code | None = None
    values: tuple[Value, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """Who, what and when. Dates are ISO 8601, in the object's local time when it gives no offset; "" is unknown."""

    sop_instance_uid: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_class: str = ""
    series_description: str = ""
    content_datetime: str = ""
    completion: str = ""
    verification: str = ""
    patient_id: str = ""
    accession_number: str = ""
    manufacturer: str = ""
    template: str = ""
    predecessors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SrDocument:
    """One SR as it was understood. `series` maps referenced SOP instances to their series, from the evidence."""

    header: Header
    title: Code | None
    reader: str
    observer: str = ""
    device: str = ""
    groups: tuple[Group, ...] = ()
    lines: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    series: tuple[tuple[str, str], ...] = ()
