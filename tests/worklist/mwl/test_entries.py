"""Which steps a device sees, and what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ris.dicom.models import Node
from ris.orders.actions import cancel_order
from ris.patients.models import Patient, PatientIdentifier
from ris.scheduling.actions import arrive, cancel_appointment, complete_step, start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.world import World
from worklist.mwl.attributes import ATTRIBUTES, SCHEDULED_STEP
from worklist.mwl.criteria import Span
from worklist.mwl.entries import entries_for
from worklist.mwl.entry import Code, WorklistEntry

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def listed(world: World, days: Span | None = None, *, ae_title: str = "CT1") -> list[WorklistEntry]:
    return entries_for(world.node(ae_title), days, limit=100)


def ids(entries: list[WorklistEntry]) -> list[str]:
    return [entry.steps[0].step_id for entry in entries]


def test_an_entry_carries_the_order_the_patient_and_the_step(world: World) -> None:
    step = world.step(world.booking(start=datetime(2027, 7, 1, 6, 5, tzinfo=UTC)))
    (entry,) = listed(world)
    requested, item = step.requested_procedure, entry.steps[0]
    own = requested.order.patient.identifier_at(world.north)
    assert own is not None
    assert (entry.patient_name, entry.patient_id, entry.patient_id_issuer) == ("Møller^Åse", own.value, own.issuer)
    assert (entry.birth_date, entry.sex) == ("19610517", "F")
    assert entry.accession_number == requested.accession_number
    assert entry.study_instance_uid == requested.study_instance_uid
    assert entry.procedure_codes == (Code("CTCHEST", requested.procedure.scheme, requested.procedure.name),)
    local = datetime(2027, 7, 1, 6, 5, tzinfo=UTC).astimezone(world.north.zone)
    assert (item.start_date, item.start_time) == (f"{local:%Y%m%d}", f"{local:%H%M%S}")
    assert (item.station_ae_titles, item.modality, item.status) == (("CT1",), "CT", "SCHEDULED")


def test_every_type_1_attribute_of_the_table_has_a_value(world: World) -> None:
    world.booking()
    (entry,) = listed(world)
    for rows, source in ((ATTRIBUTES, entry), (SCHEDULED_STEP, entry.steps[0])):
        for row in rows:
            if row.returned in {"1", "1C"}:
                assert getattr(source, row.source), row.keyword


@pytest.mark.parametrize("ae_title", ["MR1", "DX1", "US1"])
def test_another_device_sees_nothing_of_it(world: World, ae_title: str) -> None:
    world.booking()
    assert listed(world, ae_title=ae_title) == []


def test_a_step_is_listed_while_it_waits_and_never_after(world: World) -> None:
    appointment = world.booking()
    step = world.step(appointment)
    assert ids(listed(world)) == [step.sps_id]
    arrive(appointment, by=world.clerk)
    assert [entry.steps[0].status for entry in listed(world)] == ["ARRIVED"]
    start_step(step, by=world.technologist)
    assert listed(world) == []
    complete_step(step, by=world.technologist)
    assert listed(world) == []


def test_a_cancelled_appointment_or_order_takes_the_step_off_the_list(world: World) -> None:
    cancel_appointment(world.booking(), reason="ill", by=world.clerk)
    order = world.order()
    world.booking(order)
    cancel_order(order, reason="ill", by=world.clerk)
    assert listed(world) == []


def test_entries_come_earliest_first_and_no_more_than_the_limit(world: World) -> None:
    late = world.booking(start=datetime(2027, 7, 2, 8, tzinfo=UTC))
    early = world.booking(start=datetime(2027, 7, 1, 8, tzinfo=UTC))
    expected = [world.step(early).sps_id, world.step(late).sps_id]
    assert ids(listed(world)) == expected
    assert ids(entries_for(world.node(), None, limit=1)) == expected[:1]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("20270327", "20270327", ["before"]),
        ("20270328", "20270328", ["spring"]),
        ("20270328", "", ["spring", "after"]),
        ("", "20270328", ["before", "spring"]),
        ("00010101", "99991231", ["before", "spring", "after"]),
    ],
)
def test_days_are_those_of_the_site_across_the_change_of_the_clocks(
    world: World, low: str, high: str, expected: list[str]
) -> None:
    zone = world.north.zone
    moments = {
        "before": datetime(2027, 3, 27, 23, 59, tzinfo=zone),
        "spring": datetime(2027, 3, 28, 23, 30, tzinfo=zone),
        "after": datetime(2027, 3, 29, 0, 0, tzinfo=zone),
    }
    named = {world.step(world.booking(start=moment)).sps_id: name for name, moment in moments.items()}
    assert [named[step_id] for step_id in ids(listed(world, Span(low, high)))] == expected


def test_a_merged_patient_goes_out_under_the_surviving_record(world: World) -> None:
    alias, survivor = world.patient("Olsen", "Siri"), world.patient("Hansen", "Siri")
    world.booking(world.order(alias))
    Patient.objects.filter(pk=alias.pk).update(merged_into=survivor)
    own, old = survivor.identifier_at(world.north), PatientIdentifier.objects.get(patient=alias)
    assert own is not None
    (entry,) = listed(world)
    assert entry.patient_name == "Hansen^Siri"
    assert {entry.patient_id, *(other.value for other in entry.other_patient_ids)} == {
        old.value,
        PatientIdentifier.objects.get(patient=survivor).value,
    }
    assert entry.patient_id == own.value


def test_a_patient_without_a_number_of_this_site_goes_out_with_the_one_known_and_its_issuer(world: World) -> None:
    step = world.step()
    PatientIdentifier.objects.filter(patient=step.requested_procedure.order.patient).update(issuer="ELSEWHERE")
    (entry,) = listed(world)
    assert entry.patient_id
    assert entry.patient_id_issuer == "ELSEWHERE"


def test_a_step_without_a_time_is_on_no_list(world: World) -> None:
    step = world.step()
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(start=None)
    assert listed(world) == []


def test_the_number_of_queries_does_not_grow_with_the_list(world: World, django_assert_max_num_queries: Any) -> None:
    node = Node.objects.select_related("site").get(ae_title="CT1")
    for number in range(6):
        world.booking(world.order(world.patient(f"Name{number}", "N")))
    with django_assert_max_num_queries(5):
        assert len(entries_for(node, Span("20200101", "20991231"), limit=100)) == 6
