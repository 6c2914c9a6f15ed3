"""Every lifecycle with the states that DESIGN.md §4 gives it, and an object that lives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.utils import timezone

from reporting.actions.amend import begin_amendment
from reporting.actions.critical import flag
from reporting.actions.templates import TemplateData, begin_template
from reporting.amending.record import Amendment
from reporting.critical.record import CriticalFinding
from reporting.dictation.record import Clip
from reporting.keys.record import SigningKey
from reporting.lifecycle import AMENDMENT, ARCHIVING, CLIP, CRITICAL, KEY, OBJECT, REPORT, TEMPLATE
from reporting.models import Publication, Report, ReportTemplate, StoredObject
from ris.core.lifecycle import Lifecycle
from ris.downtime.lifecycle import FORM
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery, Event
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.notifications.lifecycle import MESSAGE as LETTER
from ris.notifications.models import Message
from ris.orders.lifecycle import ORDER, PROTOCOL
from ris.orders.models import Protocol
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from tests import exam
from tests.ris.downtime.papers import paper
from tests.world import World
from viewer.glass.lifecycle import GLASS
from viewer.models import EmergencyAccess
from worklist.lifecycle import EXPORT, MESSAGE, MOVED_OBJECT, OUTSIDE, PERFORMED, READING, REHOMING, STUDY
from worklist.models import MppsMessage, PerformedProcedureStep, Study
from worklist.outside.rows import OutsideImport, StudyExport
from worklist.rehoming.rows import RehomedObject, Rehoming


@dataclass(frozen=True)
class Axis:
    """A table, its states as the design names them, where it begins, and how to make something that has it."""

    table: Lifecycle
    states: str
    begins: str
    make: Callable[[World], models.Model]


def _delivery(_world: World) -> Delivery:
    now = timezone.now()
    event = Event.objects.create(kind="order.placed", at=now, actor_kind="user", actor_id="1", target_id="1")
    return Delivery.objects.create(event=event, subscriber="test", next_at=now)


def _performed(world: World) -> PerformedProcedureStep:
    node = world.node()
    return PerformedProcedureStep.objects.create(
        sop_instance_uid="2.25.1", site=world.north, node=node, started_at=timezone.now()
    )


def _message(world: World) -> MppsMessage:
    return MppsMessage.objects.create(node=world.node(), sop_instance_uid="2.25.1", operation="N-SET")


def _incoming(_world: World) -> InboundMessage:
    return InboundMessage.objects.create(digest="0" * 64, raw=b"MSH", received_at=timezone.now())


def _outgoing(world: World) -> OutgoingMessage:
    place = Destination.objects.create(site=world.north, name="Hospital", host="127.0.0.1", port=9)
    return OutgoingMessage.objects.create(
        destination=place, event=_delivery(world).event, kind="report", trigger="ORU^R01", patient_id=1,
        control_id="I1", charset="UNICODE UTF-8", next_at=timezone.now(),
    )  # fmt: skip


def _report(world: World) -> Report:
    return Report.objects.get(pk=exam.draft(world).pk)


def _publication(world: World) -> Publication:
    return Publication.objects.get(version=exam.sign(exam.draft(world), world.radiologist))


def _template(world: World) -> ReportTemplate:
    return begin_template(TemplateData(key="new", title="New", sections=[{"key": "f", "title": "F"}]), by=world.admin)


def _object(world: World) -> StoredObject:
    return exam.stored(exam.case(world))


def _amendment(world: World) -> Amendment:
    report = exam.sign(exam.draft(world), world.radiologist).report
    return begin_amendment(report, kind="addendum", by=world.radiologist)


def _clip(world: World) -> Clip:
    return Clip.objects.create(
        report=_report(world), site=world.north, section="findings", author=world.radiologist,
        recorded_at=timezone.now(), seconds=1, content_type="audio/wav", size=1, sha256="0" * 64, file="0",
    )  # fmt: skip


def _critical(world: World) -> CriticalFinding:
    return flag(exam.case(world), category=1, finding="Pneumothorax", recipient="Dr. Ward", by=world.radiologist)


def _key(world: World) -> SigningKey:
    now = timezone.now()
    return SigningKey.objects.create(owner=world.admin, valid_from=now, valid_to=now, added_at=now)


def _study(_world: World) -> Study:
    return Study.objects.create(study_instance_uid="2.25.2")


def _move(world: World) -> Rehoming:
    return Rehoming.objects.create(study=_another(world), kind="link", asked_at=timezone.now())


def _another(_world: World) -> Study:
    return Study.objects.create(study_instance_uid=f"2.25.5{Study.objects.count()}")


def _moved(world: World) -> RehomedObject:
    return RehomedObject.objects.create(rehoming=_move(world), sop_uid="2.25.3", series_uid="2.25.4", old_id="a")


def _delivery_of_files(world: World) -> OutsideImport:
    return OutsideImport.objects.create(site=world.north, brought_at=timezone.now())


def _export(world: World) -> StudyExport:
    return StudyExport.objects.create(
        study=_another(world), site=world.north, asked_by=world.clerk, asked_at=timezone.now(), recipient="X"
    )


def _letter(world: World) -> Message:
    return Message.objects.create(key="1", channel="email", kind="notice", site=world.north, created_at=timezone.now())


def _protocol(world: World) -> Protocol:
    return Protocol.objects.create(requested_procedure=world.requested())


def _emergency(world: World) -> EmergencyAccess:
    now = timezone.now()
    return EmergencyAccess.objects.create(study=_another(world), user=world.radiologist, opened_at=now, until=now)


AXES: dict[str, Axis] = {
    "order": Axis(ORDER, "draft active in-progress completed cancelled discontinued replaced", "draft", World.order),
    "protocol": Axis(PROTOCOL, "open approved returned", "open", _protocol),
    "appointment": Axis(
        APPOINTMENT, "booked arrived fulfilled cancelled noshow entered-in-error", "booked", World.booking
    ),
    "scheduled step": Axis(
        STEP, "SCHEDULED ARRIVED READY STARTED DEPARTED COMPLETED CANCELED DISCONTINUED", "SCHEDULED", World.step
    ),
    "performed step": Axis(PERFORMED, "IN_PROGRESS COMPLETED DISCONTINUED", "IN PROGRESS", _performed),
    "device message": Axis(MESSAGE, "received parked replayed taken refused", "received", _message),
    "reading task": Axis(READING, "waiting claimed drafted preliminary reported cancelled", "waiting", exam.case),
    "report template": Axis(TEMPLATE, "draft published retired", "draft", _template),
    "report": Axis(REPORT, "draft preliminary final corrected appended entered-in-error", "draft", _report),
    "HL7 message in": Axis(INBOUND, "received parked refused done", "received", _incoming),
    "HL7 message out": Axis(OUTGOING, "queued sending parked set-aside accepted", "queued", _outgoing),
    "delivery": Axis(DELIVERY, "pending leased done parked", "pending", _delivery),
    "letter": Axis(LETTER, "queued sent failed dropped read", "queued", _letter),
    "study": Axis(STUDY, "new matched unmatched blocked correcting", "new", _study),
    "move in the archive": Axis(REHOMING, "waiting moving done failed dropped", "waiting", _move),
    "moved object": Axis(MOVED_OBJECT, "listed kept stored moved", "listed", _moved),
    "outside import": Axis(
        OUTSIDE, "collecting looking ready importing done failed discarded", "collecting", _delivery_of_files
    ),
    "study export": Axis(EXPORT, "waiting made failed gone", "waiting", _export),
    "downtime form": Axis(FORM, "unused used spoiled", "unused", paper),
    "archived copy": Axis(ARCHIVING, "pending archived failed withheld", "pending", _publication),
    "signing key": Axis(KEY, "active replaced revoked", "active", _key),
    "amendment": Axis(AMENDMENT, "draft signed dropped", "draft", _amendment),
    "dictation": Axis(CLIP, "recorded typing typed confirmed deleted", "recorded", _clip),
    "critical finding": Axis(CRITICAL, "open told withdrawn", "open", _critical),
    "emergency access": Axis(GLASS, "waiting justified questioned", "waiting", _emergency),
    "stored object": Axis(OBJECT, "received read refused superseded", "received", _object),
}
