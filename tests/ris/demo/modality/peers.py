"""The two peers of a device on real sockets: a worklist with MPPS, and an archive that keeps what it is sent."""

from __future__ import annotations

import copy
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification

from ris.demo.modality.acquisition import MODALITY_PERFORMED_PROCEDURE_STEP
from ris.demo.modality.images.kinds import KINDS
from ris.demo.modality.wire import Peer
from ris.demo.modality.worklist import MODALITY_WORKLIST_FIND

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Listener:
    """What both peers share: a port of their own that can be opened and closed."""

    ae_title: str
    port: int = field(default_factory=free_port)
    _server: Any = None

    @property
    def peer(self) -> Peer:
        return Peer(self.ae_title, "127.0.0.1", self.port)

    def entity(self) -> AE:
        raise NotImplementedError

    def handlers(self) -> list[tuple[Any, Any]]:
        raise NotImplementedError

    def forget(self) -> None:
        """Back to how it was made, the port excepted."""
        raise NotImplementedError

    def open(self) -> None:
        if self._server is not None:
            return
        address = ("127.0.0.1", self.port)
        self._server = self.entity().start_server(address, block=False, evt_handlers=self.handlers())

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server = None


@dataclass
class RecordingRis(Listener):
    """Answers every C-FIND with all of `answers` (the device must match for itself) and keeps each MPPS message."""

    answers: list[Dataset] = field(default_factory=list)
    questions: list[tuple[str, Dataset]] = field(default_factory=list)
    messages: list[tuple[str, str, Dataset]] = field(default_factory=list)
    create_status: int = 0x0000
    find_status: int = 0x0000
    known: list[str] = field(default_factory=list)
    on_create: Any = None

    def forget(self) -> None:
        self.answers, self.questions, self.messages = [], [], []
        self.create_status = self.find_status = 0x0000
        self.on_create = None

    def entity(self) -> AE:
        entity = AE(self.ae_title)
        entity.require_calling_aet = self.known
        entity.add_supported_context(MODALITY_WORKLIST_FIND, SYNTAXES)
        entity.add_supported_context(MODALITY_PERFORMED_PROCEDURE_STEP, SYNTAXES)
        return entity

    def handlers(self) -> list[tuple[Any, Any]]:
        return [(evt.EVT_C_FIND, self._find), (evt.EVT_N_CREATE, self._create), (evt.EVT_N_SET, self._set)]

    def _find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        self.questions.append((event.assoc.requestor.ae_title, event.identifier))
        if self.find_status:
            yield self.find_status, None
            return
        for answer in self.answers:
            yield 0xFF00, answer

    def _create(self, event: Any) -> tuple[int, Dataset | None]:
        uid = str(event.request.AffectedSOPInstanceUID)
        self.messages.append(("N-CREATE", uid, event.attribute_list))
        if self.on_create is not None:
            self.on_create(event)
        return self.create_status, event.attribute_list

    def _set(self, event: Any) -> tuple[int, Dataset | None]:
        uid = str(event.request.RequestedSOPInstanceUID)
        self.messages.append(("N-SET", uid, event.modification_list))
        return 0x0000, event.modification_list

    @property
    def states(self) -> list[str]:
        return [str(attributes.PerformedProcedureStepStatus) for _, _, attributes in self.messages]


@dataclass
class RecordingArchive(Listener):
    """Keeps every image; from the `fails_from`-th one on it answers A700 (out of resources)."""

    images: list[Dataset] = field(default_factory=list)
    associations: int = 0
    fails_from: int | None = None
    holds: Any = None
    modalities: tuple[str, ...] = tuple(KINDS)
    syntaxes: list[str] = field(default_factory=lambda: list(SYNTAXES))

    def forget(self) -> None:
        self.images, self.associations = [], 0
        self.fails_from = self.holds = None

    def entity(self) -> AE:
        entity = AE(self.ae_title)
        entity.add_supported_context(Verification, SYNTAXES)
        for modality in self.modalities:
            entity.add_supported_context(KINDS[modality].sop_class, self.syntaxes)
        return entity

    def handlers(self) -> list[tuple[Any, Any]]:
        return [(evt.EVT_C_STORE, self._store), (evt.EVT_ESTABLISHED, self._count)]

    def _count(self, event: Any) -> None:
        stores = {str(context.abstract_syntax) for context in event.assoc.accepted_contexts}
        self.associations += Verification not in stores

    def _store(self, event: Any) -> int:
        if self.holds is not None:
            self.holds()
        if self.fails_from is not None and len(self.images) >= self.fails_from:
            return 0xA700
        image = event.dataset
        image.file_meta = event.file_meta
        self.images.append(image)
        return 0x0000


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def answer(modality: str, *, accession: str = "ACC0001", station: str = "", status: str = "SCHEDULED") -> Dataset:
    """A worklist answer as the RIS gives it, with letters that ASCII lacks."""
    step = Dataset()
    step.ScheduledStationAETitle = station or f"{modality}1"
    step.ScheduledProcedureStepStartDate = "20240506"
    step.ScheduledProcedureStepStartTime = "101500"
    step.Modality = modality
    step.ScheduledPerformingPhysicianName = "Grün^Änne"
    step.ScheduledProcedureStepDescription = f"{modality} Übersicht"
    step.ScheduledProtocolCodeSequence = [code("P-" + modality, "99ISO", "Protokoll für Übersicht")]
    step.ScheduledProcedureStepID = f"SPS-{accession}"
    step.ScheduledProcedureStepStatus = status
    found = Dataset()
    found.SpecificCharacterSet = "ISO_IR 192"
    found.AccessionNumber = accession
    found.IssuerOfAccessionNumberSequence = [_issuer("NORTH-RIS")]
    found.ReferringPhysicianName = "Weiß^Jürgen^^Dr."
    found.PatientName = "Łukaszewicz^Zoë=山田^太郎=やまだ^たろう"
    found.PatientID = "NORTH-000123"
    found.IssuerOfPatientID = "NORTH"
    found.PatientBirthDate = "19700507"
    found.PatientSex = "F"
    found.PatientWeight = "71.5"
    found.StudyInstanceUID = f"2.25.1{int.from_bytes(accession.encode(), 'big')}"
    found.RequestedProcedureDescription = f"{modality} der Brust, größer"
    found.RequestedProcedureCodeSequence = [code("R-" + modality, "99ISO", "Größere Untersuchung")]
    found.RequestedProcedureID = f"RP-{accession}"
    found.ScheduledProcedureStepSequence = [step]
    return found


def _issuer(namespace: str) -> Dataset:
    issuer = Dataset()
    issuer.LocalNamespaceEntityID = namespace
    return issuer


def changed(original: Dataset, **step: object) -> Dataset:
    """A copy of an answer with other values in its scheduled step."""
    other = copy.deepcopy(original)
    for keyword, value in step.items():
        setattr(other.ScheduledProcedureStepSequence[0], keyword, value)
    return other
