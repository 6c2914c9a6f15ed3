"""The worklist as a device sees it: a real C-FIND of our own server under the device's AE title."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from pydicom.datadict import dictionary_description
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.sop_class import ModalityWorklistInformationFind

from ris.dicom.verification import Peer, unreachable
from worklist.mwl.attributes import ATTRIBUTES, Attribute
from worklist.upper.negotiation import PREVIEW_NAME

SECONDS: Final = 5.0
SHOWN: Final = 200
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  where it listens, not we
PENDING: Final = frozenset({0xFF00, 0xFF01})
COLUMNS: Final = (
    "ScheduledProcedureStepStartDate",
    "ScheduledProcedureStepStartTime",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "AccessionNumber",
    "ScheduledProcedureStepDescription",
)
WORDS: Final = {
    0xA700: "the query has more matches than the device's profile allows",
    0xA900: "the query was not understood",
    0xC001: "the schedule cannot be read at the moment",
}
NO_SERVER: Final = "The worklist server does not answer. Does run_dicom_scp run, and at DICOM_SCP_PORT?"


@dataclass(frozen=True, slots=True)
class Line:
    """One element of an answer; `depth` is how many sequences it stands in."""

    depth: int
    tag: str
    name: str
    vr: str
    value: str

    @property
    def marks(self) -> str:
        """One > for each sequence that it stands in, as the standard writes it."""
        return ">" * self.depth


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry: the columns of the table, and everything that was sent."""

    cells: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the query came to; `fault` says in words why there is no worklist, or not all of it."""

    answers: tuple[Answer, ...] = ()
    fault: str = ""
    milliseconds: int = 0
    more: bool = False


def columns() -> list[str]:
    return [dictionary_description(keyword) for keyword in COLUMNS]


def ask_as(ae_title: str, day: str = "") -> Preview:
    """Everything that the device may see, or only what is scheduled for `day` (DA); never raises for the network."""
    host = EVERYWHERE.get(settings.DICOM_SCP_HOST, settings.DICOM_SCP_HOST)
    ours = Peer(settings.DICOM_AET, host, settings.DICOM_SCP_PORT, tls=False, calling=ae_title)
    if unreachable(ours):
        return Preview(fault=NO_SERVER)
    return _ask(ours, day)


def _ask(ours: Peer, day: str) -> Preview:
    entity = AE(ae_title=ours.calling)
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = SECONDS
    entity.implementation_version_name = PREVIEW_NAME
    entity.add_requested_context(ModalityWorklistInformationFind)
    begun = time.monotonic()
    association = entity.associate(ours.host, ours.port, ae_title=ours.ae_title)
    if not association.is_established:
        refused = "The worklist server refuses this device: it is switched off, or no modality."
        return Preview(fault=refused if association.is_rejected else NO_SERVER)
    try:
        return _find(association, day, begun)
    finally:
        association.release()


def _find(association: Association, day: str, begun: float) -> Preview:
    found, fault = [], ""
    for status, answer in association.send_c_find(identifier(day), ModalityWorklistInformationFind):
        code = getattr(status, "Status", None)
        if code is None:
            fault = "The worklist server broke off."
        elif answer is not None:
            found.append(answer)
        elif code not in PENDING and code != 0:
            fault = f"The worklist server answered {code:04X}: {WORDS.get(code, 'a failure')}."
    took = round((time.monotonic() - begun) * 1000)
    return Preview(tuple(map(_answer, found[:SHOWN])), fault, took, more=len(found) > SHOWN)


def identifier(day: str = "") -> Dataset:
    """All that we can answer, asked for at once (PS3.4 K.6.1.2.2)."""
    wanted = _asked(ATTRIBUTES)
    wanted.ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate = day
    return wanted


def _asked(attributes: Iterable[Attribute]) -> Dataset:
    wanted = Dataset()
    for attribute in attributes:
        inner = [_asked(attribute.items)] if attribute.items else None
        wanted.add_new(attribute.tag, attribute.vr, inner)
    return wanted


def _answer(dataset: Dataset) -> Answer:
    step = dataset.get("ScheduledProcedureStepSequence") or [Dataset()]
    values = {keyword: _text(dataset, keyword) or _text(step[0], keyword) for keyword in COLUMNS}
    return Answer(tuple(values.values()), tuple(_lines(dataset, 0)))


def _text(dataset: Dataset, keyword: str) -> str:
    return _value(dataset[keyword]) if keyword in dataset else ""


def _lines(dataset: Dataset, depth: int) -> Iterator[Line]:
    for element in dataset:
        if element.VR != "SQ":
            yield Line(depth, str(element.tag), element.name, element.VR, _value(element))
            continue
        yield Line(depth, str(element.tag), element.name, "SQ", "" if element.value else "empty")
        for item in element.value:
            yield from _lines(item, depth + 1)


def _value(element: DataElement) -> str:
    several = element.value if isinstance(element.value, MultiValue) else [element.value]
    return "\\".join("" if value is None else str(value) for value in several)
