"""Accession numbers by the rule of the site: at most 16 characters, never twice, shared where a site says so."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError

from ris.core.actors import SystemActor
from ris.core.errors import InvalidInput
from ris.dicom.datasets import StudyRow
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import AccessionRule, AccessionSequence, IssuedAccession, Order
from ris.orders.numbers import next_accession
from ris.scheduling.models import ScheduledProcedureStep
from tests.world import World
from worklist.actions.studies import note_study
from worklist.models import StudyLink

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def ordered(world: World, *codes: str) -> Order:
    procedures = [world.procedure(code) for code in codes]
    return place_order(world.patient(), site=world.north, procedures=procedures, details=OrderDetails(), by=world.clerk)


@pytest.mark.parametrize(
    ("about", "looks"),
    [
        ({"prefix": "AB", "with_year": True, "digits": 6}, r"AB\d{2}000001"),
        ({"prefix": "", "with_year": False, "digits": 12}, r"000000000001"),
        ({"prefix": "NORTH", "with_year": True, "digits": 9}, r"NORTH\d{2}000000001"),
    ],
)
def test_a_site_says_how_its_numbers_look(about: dict[str, object], looks: str, world: World) -> None:
    rule = AccessionRule(site=world.north, **about)
    rule.full_clean()
    rule.save()
    number = ordered(world, "CTCHEST").procedures.get().accession_number
    assert re.fullmatch(looks, number)
    assert len(number) <= 16


def test_a_rule_that_grows_too_long_or_meets_another_is_refused(world: World) -> None:
    with pytest.raises(ValidationError, match="17 characters"):
        AccessionRule(site=world.north, prefix="NORTH", digits=10).full_clean()
    with pytest.raises(ValidationError):
        AccessionRule(site=world.north, prefix="n-").full_clean()
    AccessionRule.objects.create(site=world.south, prefix="X")
    world.south.patient_id_issuer = world.north.patient_id_issuer
    world.south.save(update_fields=["patient_id_issuer"])
    with pytest.raises(ValidationError, match="has this prefix"):
        AccessionRule(site=world.north, prefix="X").full_clean()


def test_a_number_given_out_before_is_passed_over(world: World) -> None:
    first = next_accession(world.north)
    AccessionSequence.objects.filter(site=world.north).update(next_number=1)
    assert next_accession(world.north) != first
    assert IssuedAccession.objects.count() == 2


def test_a_rule_that_is_used_up_says_so(world: World) -> None:
    AccessionRule.objects.create(site=world.north, prefix="ABCDEF", with_year=True, digits=8)
    AccessionSequence.objects.create(site=world.north, next_number=10**8)
    with pytest.raises(InvalidInput, match="used up"):
        ordered(world, "CTCHEST")
    assert not Order.objects.exists()


def test_a_shared_number_leaves_everything_else_apart(world: World) -> None:
    AccessionRule.objects.create(site=world.north, prefix="ABCDEF", digits=8, shared_in_order=True)
    order = ordered(world, "CTCHEST", "CTABD", "MRBRAIN")
    rows = list(order.procedures.all())
    assert len({row.accession_number for row in rows}) == 1
    assert len({row.requested_procedure_id for row in rows}) == 3
    assert len({row.study_instance_uid for row in rows}) == 3
    assert max(len(row.requested_procedure_id) for row in rows) <= 16
    steps = ScheduledProcedureStep.objects.filter(requested_procedure__order=order)
    assert len({step.sps_id for step in steps}) == 3


def study(order: Order, uid: str) -> StudyRow:
    first = order.procedures.all()[0]
    identifier = order.patient.identifiers.get()
    return StudyRow(
        study_instance_uid=uid, accession_number=first.accession_number, patient_id=identifier.value,
        issuer_of_patient_id=identifier.issuer, patient_name=order.patient.person_name,
        birth_date=order.patient.birth_date, modalities=("CT",), instance_count=4,
    )  # fmt: skip


@pytest.mark.parametrize("known_uid", [True, False])
def test_one_acquisition_answers_all_procedures_that_share_its_number(known_uid: bool, world: World) -> None:
    AccessionRule.objects.create(site=world.north, prefix="N", shared_in_order=True)
    order = ordered(world, "CTCHEST", "CTABD", "MRBRAIN")
    uid = order.procedures.all()[1].study_instance_uid if known_uid else "2.25.77"
    note_study(study(order, uid), by=SystemActor("matcher"))
    linked = StudyLink.objects.filter(active=True).values_list("requested_procedure__procedure__code", flat=True)
    assert sorted(linked) == ["CTABD", "CTCHEST"]


def test_procedures_with_numbers_of_their_own_are_matched_alone(world: World) -> None:
    order = ordered(world, "CTCHEST", "CTABD")
    note_study(study(order, "2.25.78"), by=SystemActor("matcher"))
    assert [link.requested_procedure.procedure.code for link in StudyLink.objects.all()] == ["CTCHEST"]
