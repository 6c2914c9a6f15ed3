"""What really lies on the desks of a department, for generated requests."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Model
from django.utils import timezone

from ris.downtime.actions import make_forms, make_snapshot, set_passphrase
from ris.downtime.models import Snapshot
from ris.events.models import Event
from ris.hl7.incoming.record import InboundMessage
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.orders.actions import attach
from ris.scheduling.actions import start_step
from tests import exam
from tests.permissions.ward_desk import gathered, grown, not_stored
from tests.ris.hl7.incoming.hospital import a_sender, kept, pid, send
from tests.world import World
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import WrongPatient
from worklist.outside.exporting import ask_export
from worklist.outside.rows import OutsideFile, OutsideImport, StudyExport
from worklist.rehoming.rows import Rehoming

PDF = b"%PDF-1.7\n%%EOF"


class Desk:
    """`make`: a row for each station, made when it is first wanted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.make: dict[str, Callable[[], Model]] = {
            "papers": lambda: attach(world.order(), name="request.pdf", body=PDF, by=world.clerk),
            "downtime-forms": lambda: make_forms(world.north, count=1, by=world.clerk)[0][0],
            "downtime-snapshots": self.list_of_the_day,
            "outside-deliveries": self.looked_at,
            "exports": self.export,
            "moves": self.failed_move,
            "wrong-patients": self.mistaken,
            "hl7-incoming": self.refused,
            "hl7-outgoing": self.parked,
            "cases/growth-seen": lambda: grown(world),
            "outside-deliveries/close": lambda: gathered(world),
            "outside-deliveries/retry": lambda: not_stored(world),
        }

    def list_of_the_day(self) -> Snapshot:
        rule = set_passphrase(self.world.north, passphrase="correct horse battery", by=self.world.siteadmin)
        made = make_snapshot(rule)
        assert made is not None
        return made

    def looked_at(self) -> OutsideImport:
        """A disc with one study of somebody."""
        row = OutsideImport.objects.create(
            site=self.world.north, state="ready", brought_by="Clara Clerk", brought_at=timezone.now()
        )
        facts = {"patient_name": "Else^Ella", "patient_id": "E9", "modality": "CT", "sex": "F"}
        OutsideFile.objects.create(delivery=row, kind="dicom", name="IM1", study_uid="2.25.99001", facts=facts)
        OutsideFile.objects.create(delivery=row, kind="pdf", name="OLD.PDF", size=9)
        return row

    def export(self) -> StudyExport:
        """One of the radiologist's, not made yet."""
        study = exam.noted(self.world.requested())
        return ask_export(study, recipient="The patient", with_reports=True, by=self.world.radiologist)

    def failed_move(self) -> Rehoming:
        study = exam.noted(self.world.requested())
        return Rehoming.objects.create(
            study=study, site=self.world.north, kind="link", state="failed", asked_at=timezone.now(),
            asked_by="Theo", problem="It was full.", was={"patient_id": "N1"}, wanted={"patient_id": "N2"},
        )  # fmt: skip

    def mistaken(self) -> WrongPatient:
        """Begun under the wrong name."""
        world = self.world
        step = start_step(world.step(world.booking(world.order(world.patient("Mistaken")))), by=world.technologist)
        return wrong_patient(step, reason="The wristband says Olsen", by=world.technologist)[0]

    def refused(self) -> InboundMessage:
        """A message with a sex that no table has."""
        a_sender(self.world.north)
        assert send("ADT^A04", pid(sex="Q"), number="WARD").code == "AE"
        return kept("WARD")

    def parked(self) -> OutgoingMessage:
        """A message that another system refused."""
        place = Destination.objects.create(site=self.world.north, name="Hospital", host="127.0.0.1", port=9)
        event = Event.objects.create(
            kind="report.signed", at=timezone.now(), actor_kind="user", actor_id="1", target_id="1",
            site_id=self.world.north.pk,
        )  # fmt: skip
        return OutgoingMessage.objects.create(
            destination=place, event=event, kind="report", trigger="ORU^R01", patient_id=1, control_id="I1",
            body=b"MSH|^~\\&|RIS\rPID|1||N1||Else^Ella", charset="UNICODE UTF-8", state="parked",
            next_at=timezone.now(), last_error="AE",
        )  # fmt: skip
