"""One exam of the north site at every stage, and everybody signed in: what the matrix asks about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import AsyncClient, Client
from django.utils import timezone

from reporting.actions.amend import begin_amendment
from reporting.autotext.actions import Written, write_autotext
from reporting.models import Report
from reporting.numbers import numbers_of
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.demo.seed import make_signing_key
from ris.downtime.actions import make_forms, make_snapshot, set_passphrase
from ris.events.models import Delivery, Event
from ris.fhir.mapping.appointment import slot_key
from ris.fhir.resources.observations import key_of
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.notifications.actions import notify
from ris.notifications.models import Message
from ris.orders.actions import Answer, answer_safety, attach, return_protocol
from ris.orders.models import Protocol, RequestedProcedure
from ris.patients.actions import (
    AlertData,
    add_alert,
    add_identifier,
    declining_token,
    merge_patients,
    register_temporary,
)
from ris.patients.models import Patient
from ris.scheduling.actions import Slot, complete_step, displace, miss, start_step
from ris.scheduling.models import CallBack, Closure, ScheduledProcedureStep
from tests import exam
from tests.passkeys import give_passkey
from tests.permissions.ward_desk import on_desks
from tests.permissions.ward_house import house_of
from tests.permissions.ward_reports import critical, dictated, held, measured, old_key, refused_pin
from tests.permissions.ward_series import of_two_patients
from tests.permissions.ward_settings import settings_of
from tests.ris.hl7.incoming.hospital import a_sender, kept, pid, send
from tests.world import PASSWORD, World
from viewer import upstream
from viewer.models import EmergencyAccess
from worklist.actions.decisions import link
from worklist.actions.filters import keep_filter
from worklist.actions.reading import claim
from worklist.actions.record import Contrast, give_contrast
from worklist.actions.wrong_patient import wrong_patient
from worklist.exam.record import ContrastAgent, ContrastGiven, ReceivedSeries, SideCheck
from worklist.models import Study, WrongPatient
from worklist.outside.folder import export_path
from worklist.outside.rows import OutsideFile, OutsideImport, OutsideStudy, StudyExport
from worklist.reading.filters import Filter
from worklist.rehoming.rows import Rehoming

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NOBODY = "anonymous"
ROLES = (
    NOBODY, "clerk", "technologist", "resident", "radiologist", "referrer", "siteadmin", "admin", "outsider",
)  # fmt: skip
# One of each, since every new one builds the whole chain of middleware.
LENIENT, STRICT = Client(), Client(enforce_csrf_checks=True)


@dataclass(frozen=True)
class Ward:
    """`names` are what the matrix writes in braces: {patient}, {order}, {revision} …"""

    sessions: dict[str, str]
    names: dict[str, str]

    def ask(self, role: str, method: str, address: str, body: dict[str, Any] | bytes) -> Any:
        """One request; a body goes to the API as JSON, unless it holds a file or is one, and as a form elsewhere."""
        if address.startswith("/viewer/dicom-web/"):
            return async_to_sync(self._through_the_proxy)(role, address)
        client, data = self.browser(role), self.fill(body)
        if method == "GET":
            return client.get(address)
        if isinstance(body, bytes):
            return client.generic(method, address, body, content_type="application/octet-stream")
        if address.endswith("/_search"):
            return client.generic(method, address, urlencode(data), content_type="application/x-www-form-urlencoded")
        if address.startswith(("/api/", "/fhir/")) and not any(map(callable, body.values())):
            return client.generic(method, address, json.dumps(data), content_type="application/json")
        return client.post(address, data)

    async def _through_the_proxy(self, role: str, address: str) -> Any:
        """Asked in one loop, in which the proxy's connections are closed again."""
        client = AsyncClient()
        client.cookies = self._cookies(role)
        response = await client.get(address)
        await upstream.close()
        return response

    def browser(self, role: str, *, strict: bool = False) -> Client:
        """A browser as it was after the sign-in; a `strict` one is asked for CSRF tokens."""
        client = STRICT if strict else LENIENT
        client.cookies = self._cookies(role)
        return client

    def _cookies(self, role: str) -> SimpleCookie:
        return SimpleCookie({"sessionid": self.sessions[role]} if role != NOBODY else {})

    def fill(self, value: Any) -> Any:
        """Names in braces replaced, at any depth; {#name} becomes a number."""
        if callable(value):  # a file to upload, new for each request
            return value()
        if isinstance(value, dict):
            return {key: self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        if isinstance(value, str) and value.startswith("{#"):
            return int(self.names[value[2:-1]])
        return value.format(**self.names) if isinstance(value, str) else value


def ward_of(world: World) -> Ward:
    """Build the exam, then sign everybody in."""
    make_signing_key()
    found: dict[str, object] = {**_planned(world), **_read(world)}
    later = timezone.now() + timedelta(hours=30)
    found |= _asked(world)
    found |= {"later": later.isoformat(), "day": later.date().isoformat(), "password": PASSWORD}
    found |= {"north": world.north.pk, "ct": world.procedure().pk, "delivery": _parked(world).pk}
    found |= {"hl7_out": _refused(world).pk}
    found |= _came_in(world)
    found |= {"node": world.node().pk}
    found |= _told_to_programs(world, str(found["signed"]), later)
    found |= _downtime(world) | house_of(world) | on_desks(world) | settings_of(world)
    give_passkey(world.radiologist)
    return Ward({role: _signed_in(role) for role in ROLES[1:]}, {name: str(value) for name, value in found.items()})


def _came_in(world: World) -> dict[str, object]:
    """A message that was refused, and would be again."""
    sender = a_sender(world.north)
    assert send("ADT^A04", pid(sex="Q"), number="WARD").code == "AE"
    return {"hl7_in": kept("WARD").pk, "hl7_sender": sender.pk}


def _downtime(world: World) -> dict[str, object]:
    rule = set_passphrase(world.north, passphrase="correct horse battery", by=world.siteadmin)
    snapshot = make_snapshot(rule)
    assert snapshot is not None
    return {"form": make_forms(world.north, count=1, by=world.clerk)[0][0].pk, "snapshot": snapshot.pk}


def _told_to_programs(world: World, report: str, later: datetime) -> dict[str, object]:
    """What only programs name: a slot, a measurement, a row of the trail, a draft of an addendum."""
    signed = Report.objects.get(pk=report)
    source = exam.stored(signed.task, 9.5)
    row = AuditEvent.objects.filter(site_id=world.north.pk)[0]
    slot = slot_key(world.room().pk, later, later + timedelta(hours=2))
    measured = key_of(source.measurements.get())
    begun = begin_amendment(signed, kind="addendum", by=world.radiologist)
    found = {"slot": slot, "measurement": measured, "audit_row": row.pk, "public": settings.PUBLIC_URL}
    return {**found, "amendment": begun.pk, "now": timezone.now().isoformat()}


def _signed_in(role: str) -> str:
    client = Client()
    client.force_login(User.objects.get(username=role), BACKEND)
    return client.cookies["sessionid"].value


def _people(world: World, patient: Patient) -> dict[str, object]:
    """What else there is of the patient and beside: a number, an alert, an alias, a namesake, somebody unknown."""
    alias, twin = world.patient("Alias"), world.patient("Twin")
    merge_patients(alias, into=twin, reason="Same passport", by=world.clerk)
    alert = AlertData(kind="allergy", text="Latex", noted_on=date(2020, 1, 1))
    return {
        "identifier": add_identifier(patient, issuer="KASSE", value="K-1", by=world.clerk).pk,
        "alert": add_alert(patient, alert, by=world.clerk).pk,
        "alias": alias.pk,
        "twin": twin.pk,
        "unknown": register_temporary(site=world.north, by=world.clerk).pk,
    }


def _noticed(world: World) -> Message:
    notify([world.clerk], key="ward", subject="Look", text="At this.", link="/")
    return Message.objects.get(recipient=world.clerk)


def _planned(world: World) -> dict[str, object]:
    unbooked = world.requested(world.order(world.patient("Unbooked")))
    appointment = world.booking(world.order(world.patient("Booked")))
    return _people(world, unbooked.order.patient) | {
        "patient": unbooked.order.patient_id,
        "declining": declining_token(unbooked.order.patient),
        "notice": _noticed(world).pk,
        "order": unbooked.order_id,
        "procedure": unbooked.pk,
        "appointment": appointment.pk,
        "room": appointment.resource_id,
        "step": appointment.steps.get().pk,
        **_at_the_desk(world),
    }


def _at_the_desk(world: World) -> dict[str, object]:
    """Somebody whose time has begun, somebody who did not come, somebody to call back, a closed room."""
    earlier = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=3)
    begun = world.booking(world.order(world.patient("Begun")), start=earlier)
    missed = world.booking(world.order(world.patient("Missed")), start=earlier + timedelta(minutes=30))
    miss(missed, by=world.clerk)
    put_off = world.booking(world.order(world.patient("Displaced")), start=earlier + timedelta(minutes=60))
    slot = Slot(resource=put_off.resource, start=put_off.start, minutes=20)
    displace([world.requested()], slot=slot, reason="Emergency", by=world.technologist)
    closure = Closure.objects.create(
        resource=put_off.resource,
        start=earlier - timedelta(days=40),
        end=earlier - timedelta(days=39),
        reason="Service",
    )
    calls = CallBack.objects.get(appointment=put_off)
    over = world.booking(world.order(world.patient("Over")), start=earlier + timedelta(minutes=90))
    complete_step(start_step(world.step(over), by=world.technologist), by=world.technologist)
    return {"begun": begun.pk, "missed": missed.pk, "call_back": calls.pk, "fulfilled": over.pk, "closure": closure.pk}


def _asked(world: World) -> dict[str, object]:
    """What goes with orders: a hard stop, a paper, protocols, and one order that has begun."""
    order = world.order(world.patient("Asked"))
    answer = Answer(kind="egfr", value="20", measured_on=timezone.localdate(), source="Laboratory")
    begun = start_step(world.step(world.booking(world.order(world.patient("Begun")))), by=world.technologist)
    back = Protocol.objects.create(requested_procedure=world.requested(world.order(world.patient("Back"))))
    return {
        "stop": answer_safety(order, answer=answer, by=world.clerk).pk,
        "paper": attach(order, name="request.pdf", body=b"%PDF-1.7\n%%EOF", by=world.clerk).pk,
        "protocol": Protocol.objects.create(requested_procedure=world.requested(order)).pk,
        "returned": return_protocol(back, reason="Why?", by=world.radiologist).pk,
        "begun_order": begun.requested_procedure.order_id,
        "begun_step": begun.pk,
        "contrast": _contrast(begun, world).pk,
    }


def _read(world: World) -> dict[str, object]:
    draft = Report.objects.select_related("task", "template").get(pk=exam.draft(world).pk)
    version = exam.sign(exam.draft(world), world.radiologist)
    return {
        **_kept(world),
        "shared_filter": keep_filter(Filter(modality="MR"), name="MR", site=world.north, by=world.radiologist).pk,
        "held": claim(exam.case(world), by=world.radiologist).pk,
        "resident_heir": f"u{world.resident.pk}",
        "held_by_resident": claim(exam.case(world), by=world.resident).pk,
        "written": draft.task_id,
        "draft": draft.pk,
        "template": draft.template_id,
        "revision": draft.revision,
        **measured(draft),
        **dictated(world),
        **critical(world),
        "autotext": write_autotext(None, Written("mine", "Words."), by=world.radiologist).pk,
        "signing_key": old_key(world).pk,
        "refused_pin": refused_pin().pk,
        "to_recall": held(world),
        "to_return": exam.sign(exam.draft(world, by=world.resident), world.resident, "preliminary").report_id,
        "numbers": numbers_of(draft)["numbers_version"],
        "signed": version.report_id,
        "version": version.pk,
        "verify_code": f"{version.report_id}-{version.number}-{version.content_sha256[:24]}",
        "study": Study.objects.get(study_instance_uid=version.study_instance_uid).pk,
        "study_uid": version.study_instance_uid,
        "mistaken": _mistaken(world).pk,
        **_emergency(world, Study.objects.get(study_instance_uid=version.study_instance_uid)),
        **_outside(world, Study.objects.get(study_instance_uid=version.study_instance_uid)),
        **_lost(world),
        "side": _other_side(world.requested(world.order(world.patient("Sided")))).pk,
    }


def _kept(world: World) -> dict[str, object]:
    """A case that waits, with an object that the archive has not taken yet."""
    task = exam.case(world)
    about = {"study_uid": task.studies().get().study_instance_uid, "sop_uids": ["2.25.40"], "sha256": "0" * 64}
    event = Event.objects.create(kind="object.kept", at=timezone.now(), actor_kind="user", actor_id="1", payload=about)
    delivery = Delivery.objects.create(event=event, subscriber="viewer.store-kept", next_at=timezone.now())
    return {"waiting": task.pk, "kept_delivery": delivery.pk}


def _contrast(step: ScheduledProcedureStep, world: World) -> ContrastGiven:
    given = Contrast(
        agent=ContrastAgent.objects.all()[0], volume_ml=Decimal(80), reaction="mild", reaction_text="Hives"
    )
    return give_contrast(step, given, by=world.technologist)


def _lost(world: World) -> dict[str, object]:
    """A study that fits no order, with the exam that it is of, and another that a person has linked."""
    first, second = (world.requested(world.order(world.patient(name))) for name in ("Lost", "Found"))
    studies = [
        exam.noted(one, accession_number="", study_instance_uid=f"2.25.881{at}")
        for at, one in enumerate((first, second))
    ]
    decision = link(studies[1], second, reason="Asked at the device", by=world.technologist)
    return {"unmatched_study": studies[0].pk, "unmatched_exam": first.pk, "decision": decision.pk,
            "decided_study": studies[1].pk, "other_exam": _of_two_series(studies[1], second, world),
            **of_two_patients(world)}  # fmt: skip


def _of_two_series(study: Study, requested: RequestedProcedure, world: World) -> int:
    """The other exam of the same patient, to which one of the two series may go."""
    for at in ("1", "2"):
        ReceivedSeries.objects.create(study=study, series_instance_uid=f"2.25.8819.{at}", modality="CT", images=40)
    return world.requested(world.order(requested.order.patient)).pk


def _outside(world: World, study: Study) -> dict[str, object]:
    """A disc that is being read in, one that was looked at, a study from one, a ZIP for the patient, a stuck move."""
    about = {"site": world.north, "brought_by": "Clara Clerk", "brought_at": timezone.now()}
    looked_at = OutsideImport.objects.create(state="ready", **about)
    facts = {"patient_name": "Elsewhere^Else", "modality": "CT"}
    OutsideFile.objects.create(delivery=looked_at, kind="dicom", name="IM1", study_uid="2.25.99001", facts=facts)
    brought = Study.objects.create(study_instance_uid="2.25.99002", state="matched", site=world.north)
    outside = OutsideStudy.objects.create(
        study=brought, patient=world.patient("Outside"), delivery=looked_at, imported_at=timezone.now()
    )
    export = StudyExport.objects.create(
        study=study, site=world.north, asked_by=world.clerk, asked_at=timezone.now(), recipient="X", state="made"
    )
    export_path(export).write_bytes(b"PK")
    move = Rehoming.objects.create(
        study=brought, site=world.north, kind="link", state="failed", asked_at=timezone.now(), problem="It was full."
    )
    return {
        "collecting": OutsideImport.objects.create(**about).pk,
        "looked_at": looked_at.pk,
        "outside_study": outside.pk,
        "export": export.pk,
        "failed_move": move.pk,
    }


def _emergency(world: World, study: Study) -> dict[str, object]:
    """The outsider's access to a study of the north, and one of the radiologist's."""
    now = timezone.now()
    about = {"site": world.north, "reason": "Polytrauma, unconscious", "opened_at": now, "until": now}
    accesses = [EmergencyAccess.objects.create(study=study, user=who, **about)
                for who in (world.outsider, world.radiologist)]  # fmt: skip
    return {"access": accesses[0].pk, "own_access": accesses[1].pk}


def _mistaken(world: World) -> WrongPatient:
    step = start_step(world.step(world.booking(world.order(world.patient("Mistaken")))), by=world.technologist)
    return wrong_patient(step, reason="The wristband says Olsen", by=world.technologist)[0]


def _other_side(requested: RequestedProcedure) -> SideCheck:
    """Images that say RIGHT where the order said LEFT."""
    study = exam.noted(requested)
    evidence = [{"side": "R", "where": "laterality", "text": "R", "series": 1}]
    return SideCheck.objects.create(
        study=study, requested_procedure=requested, ordered="L", verdict="differs", evidence=evidence,
        checked_at=timezone.now(),
    )  # fmt: skip


def _refused(world: World) -> OutgoingMessage:
    """A message that another system refused."""
    place = Destination.objects.create(site=world.north, name="Hospital", host="127.0.0.1", port=9)
    return OutgoingMessage.objects.create(
        destination=place, event=_parked(world).event, kind="report", trigger="ORU^R01", patient_id=1,
        control_id="I1", body=b"MSH|", charset="UNICODE UTF-8", state="parked", next_at=timezone.now(),
    )  # fmt: skip


def _parked(world: World) -> Delivery:
    now = timezone.now()
    event = Event.objects.create(
        kind="report.signed", at=now, actor_kind="user", actor_id="1", target_id="1", site_id=world.north.pk
    )
    return Delivery.objects.create(event=event, subscriber="reporting.archive", state="parked", next_at=now)
