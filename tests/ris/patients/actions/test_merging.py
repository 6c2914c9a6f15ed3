"""Merging makes aliases and nothing else; taking it back restores exactly."""

from __future__ import annotations

import pytest

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.orders.models import Order
from ris.patients.actions import merge_patients, register_temporary, unmerge_patient
from ris.patients.models import Patient, PatientIdentifier, PatientMerge
from tests.world import World
from worklist.mwl.entries import entries_for

pytestmark = pytest.mark.db


@pytest.fixture
def trio(world: World) -> list[Patient]:
    return [world.patient(name) for name in ("Alfa", "Bravo", "Charlie")]


def heads(*people: Patient) -> list[int | None]:
    rows = dict(Patient.objects.values_list("pk", "merged_into_id"))
    return [rows[person.pk] for person in people]


def merge(world: World, loser: Patient, into: Patient) -> PatientMerge:
    return merge_patients(loser, into=into, reason="Same passport", by=world.clerk)


def test_a_merge_moves_nothing_and_is_written_down(world: World, trio: list[Patient]) -> None:
    one, other, _ = trio
    order = world.order(one)
    merged = merge(world, one, other)
    assert heads(one, other) == [other.pk, None]
    assert Order.objects.get(pk=order.pk).patient_id == one.pk
    assert PatientIdentifier.objects.filter(patient=one).count() == 1
    assert (merged.merged_by, merged.reason) == (world.clerk.display, "Same passport")
    row = AuditEvent.objects.get(action="patient.merged")
    assert (row.target_id, row.patient_id, row.detail) == (
        str(one.pk),
        other.pk,
        {"into": other.pk, "reason": "Same passport"},
    )
    assert Event.objects.get(kind="patient.merged").payload == {"loser_id": one.pk, "into_id": other.pk}


def test_the_worklist_shows_the_surviving_record(world: World, trio: list[Patient]) -> None:
    one, other, _ = trio
    step = world.step(world.booking(world.order(one)))
    merge(world, one, other)
    assert step.node is not None
    [entry] = entries_for(step.node, None, limit=10)
    assert entry.patient_name == other.person_name
    assert entry.patient_id == other.identifiers.get().value


def test_a_chain_is_flattened_and_unwinds_exactly(world: World, trio: list[Patient]) -> None:
    one, two, three = trio
    merge(world, one, two)
    merge(world, two, three)
    assert heads(*trio) == [three.pk, three.pk, None]
    unmerge_patient(two, reason="Wrong", by=world.clerk)
    assert heads(*trio) == [two.pk, None, None]
    unmerge_patient(one, reason="Wrong", by=world.clerk)
    assert heads(*trio) == [None, None, None]
    assert [event.kind for event in Event.objects.filter(kind__startswith="patient.unm")] == ["patient.unmerged"] * 2


def test_the_lower_merge_can_be_taken_back_first(world: World, trio: list[Patient]) -> None:
    one, two, three = trio
    merge(world, one, two)
    merge(world, two, three)
    unmerge_patient(one, reason="Wrong", by=world.clerk)
    assert heads(*trio) == [None, three.pk, None]
    unmerge_patient(two, reason="Wrong", by=world.clerk)
    assert heads(*trio) == [None, None, None]


def test_a_record_can_be_merged_again_after_it_was_taken_back(world: World, trio: list[Patient]) -> None:
    one, two, three = trio
    merge(world, one, two)
    unmerge_patient(one, reason="Wrong", by=world.clerk)
    merge(world, one, three)
    assert heads(*trio) == [three.pk, None, None]
    assert PatientMerge.objects.filter(loser=one).count() == 2


def test_merging_into_an_alias_goes_to_the_person_it_stands_for(world: World, trio: list[Patient]) -> None:
    one, two, three = trio
    merge(world, two, three)
    merge(world, one, two)
    assert heads(*trio) == [three.pk, three.pk, None]


def test_circles_are_refused(world: World, trio: list[Patient]) -> None:
    one, two, _ = trio
    merge(world, one, two)
    with pytest.raises(InvalidInput, match="one person already"):
        merge(world, two, one)
    with pytest.raises(InvalidInput, match="one person already"):
        merge(world, two, two)
    with pytest.raises(TransitionError, match="merged already"):
        merge(world, one, two)
    assert heads(one, two) == [two.pk, None]


def test_two_unknowns_never_merge_and_a_known_one_not_into_an_unknown(world: World, trio: list[Patient]) -> None:
    one, other = (register_temporary(site=world.north, by=world.clerk) for _ in range(2))
    with pytest.raises(InvalidInput, match="unidentified"):
        merge(world, one, other)
    with pytest.raises(InvalidInput, match="not the other way"):
        merge(world, trio[0], one)
    merge(world, one, trio[0])
    assert heads(one, other) == [trio[0].pk, None]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\x00b"])
def test_a_reason_is_needed(world: World, trio: list[Patient], reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        merge_patients(trio[0], into=trio[1], reason=reason, by=world.clerk)
    assert set(refused.value.fields) == {"reason"}
    assert not PatientMerge.objects.exists()


@pytest.mark.parametrize("role", ["technologist", "radiologist", "referrer", "admin", "outsider"])
def test_who_may_not_merge_changes_nothing(world: World, trio: list[Patient], role: str) -> None:
    with pytest.raises(NotPermitted):
        merge_patients(trio[0], into=trio[1], reason="Same", by=world.people[role])
    merge(world, trio[0], trio[1])
    with pytest.raises(NotPermitted):
        unmerge_patient(trio[0], reason="Other", by=world.people[role])
    assert heads(*trio[:2]) == [trio[1].pk, None]


def test_what_is_not_merged_cannot_be_taken_back(world: World, trio: list[Patient]) -> None:
    with pytest.raises(TransitionError, match="not merged"):
        unmerge_patient(trio[0], reason="Wrong", by=world.clerk)


def test_a_site_sees_the_person_when_it_knows_only_the_alias(world: World, trio: list[Patient]) -> None:
    from ris.patients.actions import make_known_at

    make_known_at(trio[0], world.south)
    assert not Patient.objects.visible_to(world.outsider).filter(pk=trio[1].pk).exists()
    merge(world, trio[0], trio[1])
    assert Patient.objects.visible_to(world.outsider).filter(pk=trio[1].pk).exists()
    unmerge_patient(trio[0], reason="Wrong", by=world.clerk)
    assert not Patient.objects.visible_to(world.outsider).filter(pk=trio[1].pk).exists()
