"""Messages that come early, twice, or in any order at all: nothing is lost, nothing is done twice."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from ris.audit.models import AuditEvent
from ris.events.models import Event
from ris.scheduling.actions import arrive
from ris.scheduling.lifecycle import STEP
from ris.scheduling.models import ScheduledProcedureStep
from tests.worklist.mpps.samples import completed, created, discontinued, series
from tests.worklist.mwl.conftest import lenient_reading  # noqa: F401  a fixture
from tests.world import World
from worklist.actions.performed import replay_late
from worklist.lifecycle import PERFORMED
from worklist.models import MppsMessage, PerformedProcedureStep, PerformedSeries
from worklist.mpps import handler
from worklist.mpps.handler import MPPS, MPPS_RETRIEVE
from worklist.upper.contract import Operation, Outcome, Peer

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.usefixtures("lenient_reading")]

PEER = Peer("CT1", "127.0.0.1")
UIDS = ("2.25.4001", "2.25.4002")


def encoded(message: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = True, syntax == ImplicitVRLittleEndian
    write_dataset(out, message)
    return out.getvalue()


def send(kind: str, message: Dataset, uid: str = UIDS[0], syntax: str = ExplicitVRLittleEndian) -> int:
    return answer(kind, message, uid, syntax).status.code


def answer(kind: str, message: Dataset, uid: str = UIDS[0], syntax: str = ExplicitVRLittleEndian) -> Outcome:
    operation = Operation(MPPS, uid, syntax, encoded(message, syntax))
    return (handler.create if kind == "create" else handler.update)(PEER, operation)


def progress() -> Dataset:
    return completed(PerformedProcedureStepStatus="IN PROGRESS", PerformedSeriesSequence=[series("2.25.1")])


def state_of(step: ScheduledProcedureStep) -> str:
    return ScheduledProcedureStep.objects.get(pk=step.pk).state


def test_an_end_that_comes_first_is_answered_0112_and_carried_out_after_the_start(world: World) -> None:
    step = world.step()
    assert send("set", completed()) == 0x0112
    assert (state_of(step), MppsMessage.objects.get().state) == ("SCHEDULED", "parked")
    assert send("create", created(step)) == 0x0000
    assert (state_of(step), PerformedProcedureStep.objects.get().state) == ("COMPLETED", "COMPLETED")
    assert [one.state for one in MppsMessage.objects.order_by("pk")] == ["replayed", "taken", "taken"]


def test_who_sends_the_early_message_again_is_told_success_and_nothing_happens_twice(world: World) -> None:
    step = world.step()
    send("set", completed())
    send("create", created(step))
    assert send("set", completed()) == 0x0000
    assert send("set", completed(PerformedProcedureStepEndTime="235959")) == 0x0110
    assert AuditEvent.objects.filter(action="step.completed").count() == 1
    assert Event.objects.filter(kind="step.completed").count() == 1


def test_the_same_early_message_is_parked_once(world: World) -> None:
    for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
        assert send("set", completed(), syntax=syntax) == 0x0112
    assert MppsMessage.objects.count() == 1


def test_a_parked_message_that_cannot_be_carried_out_is_refused_for_good_and_the_start_stands(world: World) -> None:
    step = world.step()
    send("set", completed(PerformedSeriesSequence=[]))
    assert send("create", created(step)) == 0x0000
    assert state_of(step) == "STARTED"
    assert MppsMessage.objects.order_by("pk")[0].state == "refused"


def test_a_message_parked_while_its_start_was_being_written_is_carried_out_by_the_timer(world: World) -> None:
    step = world.step()
    send("create", created(step))
    MppsMessage.objects.all().delete()
    PerformedProcedureStep.objects.update(sop_instance_uid="2.25.999")
    send("set", completed())
    PerformedProcedureStep.objects.update(sop_instance_uid=UIDS[0])
    replay_late()
    assert state_of(step) == "COMPLETED"


@pytest.mark.parametrize("order", list(permutations(("create", "progress", "end"))), ids="-".join)
@pytest.mark.parametrize("end", [completed, discontinued])
def test_in_whatever_order_start_news_and_end_come_the_exam_ends_as_it_was_told(
    world: World, order: tuple[str, ...], end: Any
) -> None:
    step = world.step()
    messages = {"create": created(step), "progress": progress(), "end": end()}
    codes = {name: send("create" if name == "create" else "set", messages[name]) for name in order}
    performed = PerformedProcedureStep.objects.get()
    assert performed.state == end().PerformedProcedureStepStatus
    assert state_of(step) == performed.state
    assert codes["create"] == 0x0000
    assert Event.objects.filter(kind__in=["step.completed", "step.discontinued"]).count() == 1


def test_what_is_refused_is_kept_with_its_status_and_the_attribute_at_fault(world: World) -> None:
    message = created(world.step(), Modality="")
    assert send("create", message) == 0x0121
    kept = MppsMessage.objects.get()
    assert (kept.state, kept.status, kept.problem) == ("refused", 0x0121, "Modality")
    assert bytes(kept.body) == encoded(message)


def test_bytes_that_are_no_dataset_are_0106_or_named_as_missing_and_kept(world: World) -> None:
    operation = Operation(MPPS, UIDS[0], ExplicitVRLittleEndian, b"\x08\x00\x05\x00ZZ\xff\xff\xff")
    assert handler.create(PEER, operation).status.code in {0x0106, 0x0120}
    assert bytes(MppsMessage.objects.get().body) == operation.dataset


def test_a_change_of_what_only_a_creation_sets_is_a_warning_that_names_it(world: World) -> None:
    step = world.step()
    send("create", created(step))
    found = answer("set", completed(PatientName="Other^Person", Modality="CT")).status
    assert (found.code, found.comment) == (0x0107, "PatientName")
    assert PerformedProcedureStep.objects.get().state == "COMPLETED"
    assert state_of(step) == "COMPLETED"


@pytest.mark.parametrize(
    ("sop_class", "code"),
    [(MPPS_RETRIEVE, 0x0119), ("1.2.840.10008.5.1.4.31", 0x0122), ("not a uid", 0x0118), ("", 0x0118)],
)
def test_an_operation_of_another_sop_class_is_refused(world: World, sop_class: str, code: int) -> None:
    operation = Operation(sop_class, UIDS[0], ExplicitVRLittleEndian, encoded(created(world.step())))
    assert handler.create(PEER, operation).status.code == code
    assert not PerformedProcedureStep.objects.exists()


class TestAnyOrder:
    """Whatever devices send, in whatever order: the states stay legal, and nothing is doubled."""

    KINDS = ("create", "progress", "completed", "discontinued", "wrong", "arrive")

    @given(moves=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 1)), max_size=9))
    @settings(
        max_examples=60, deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip
    def test_leads_to_a_legal_state(self, world: World, moves: list[tuple[str, int]]) -> None:
        from django.db import transaction

        with transaction.atomic():
            step = world.step(world.booking(start=world.soon() if world.booked < 30 else None))
            first = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
            for kind, which in moves:
                self.move(world, step, kind, UIDS[which])
            self.check(step, first)
            transaction.set_rollback(True)

    def move(self, world: World, step: ScheduledProcedureStep, kind: str, uid: str) -> None:
        from ris.core.errors import DomainError

        if kind == "arrive":
            appointment = ScheduledProcedureStep.objects.select_related("appointment").get(pk=step.pk).appointment
            assert appointment is not None
            try:
                arrive(appointment, by=world.clerk)
            except DomainError:
                return
        elif kind == "create":
            assert send("create", created(step), uid) in {0x0000, 0x0111}
        else:
            ends = {"progress": progress(), "completed": completed(), "discontinued": discontinued(),
                    "wrong": discontinued("110514")}  # fmt: skip
            assert send("set", ends[kind], uid) in {0x0000, 0x0110, 0x0112}

    def check(self, step: ScheduledProcedureStep, first: int) -> None:
        step.refresh_from_db()
        rows = list(PerformedProcedureStep.objects.all())
        assert step.state in STEP.states
        assert all(row.state in PERFORMED.states for row in rows)
        assert len({row.sop_instance_uid for row in rows}) == len(rows)
        good = [row for row in rows if not row.wrong_patient]
        if any(PERFORMED.within(row, "running") for row in good):
            assert STEP.within(step, "begun")
        elif any(row.state == "COMPLETED" for row in good):
            assert step.state == "COMPLETED"
        elif good:
            assert step.state == "DISCONTINUED"
        else:
            assert STEP.within(step, "waiting")
        since = AuditEvent.objects.filter(pk__gt=first)
        for row in rows:
            about = since.filter(target_kind="worklist.performedprocedurestep", target_id=str(row.pk))
            assert about.filter(action="procedure.started").count() == 1
            assert about.filter(action__in=["procedure.completed", "procedure.discontinued"]).count() <= 1
        doubled = PerformedSeries.objects.values("performed", "series_instance_uid")
        assert doubled.count() == doubled.distinct().count()
