"""Forms on paper: numbers that are given out once, bars that a scanner reads, a life that ends once."""

from __future__ import annotations

import pytest

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.core.identifiers import is_uid
from ris.downtime.actions import make_forms, spoil_form
from ris.downtime.models import DowntimeForm
from ris.orders.models import AccessionRule, IssuedAccession
from ris.printing.models import Print
from tests.ris.downtime.papers import entered, paper
from tests.ris.printing.reading import barcodes, fonts, sizes_mm, words
from tests.world import World

pytestmark = pytest.mark.db


def test_every_form_has_numbers_of_its_own_that_stand_in_the_ledger(world: World) -> None:
    made, _pdf = make_forms(world.north, count=5, by=world.technologist)
    numbers = {form.accession_number for form in made}
    assert len(numbers) == len({form.study_instance_uid for form in made}) == 5
    assert all(is_uid(form.study_instance_uid) for form in made)
    assert IssuedAccession.objects.filter(issuer="NORTHGATE", value__in=numbers).count() == 5


def test_no_order_ever_gets_the_number_of_a_form(world: World) -> None:
    before = world.requested().accession_number
    held = {form.accession_number for form in make_forms(world.north, count=3, by=world.clerk)[0]}
    after = {world.requested().accession_number for _ in range(3)}
    assert not held & (after | {before})


def test_a_form_carries_its_number_as_bars_above_and_on_three_stickers(world: World) -> None:
    made, pdf = make_forms(world.north, count=2, by=world.clerk)
    numbers = [form.accession_number for form in made]
    assert barcodes(pdf, within=(100, 0, 110, 60)) == numbers
    assert [barcodes(pdf, within=(left, 265, 59, 32)) for left in (14, 74, 133)] == [numbers] * 3
    assert sizes_mm(pdf) == [(210, 297)] * 2
    said = words(pdf)
    assert all(form.study_instance_uid in said for form in made)
    for part in ("Northgate Radiology", "Family name", "Date of birth", "Side", "Technologist", "Notes",
                 "Is the patient pregnant", "What is the newest eGFR", "pacemaker"):  # fmt: skip
        assert said.count(part) >= 2, part
    assert {embedded for _, embedded in fonts(pdf)} == {"yes"}


def test_the_numbers_of_a_form_follow_the_rule_of_the_site(world: World) -> None:
    AccessionRule.objects.create(site=world.north, prefix="NRAD", with_year=False, digits=12, shared_in_order=True)
    made, pdf = make_forms(world.north, count=1, by=world.clerk)
    assert (made[0].accession_number[:4], len(made[0].accession_number)) == ("NRAD", 16)
    assert barcodes(pdf) == [made[0].accession_number]


@pytest.mark.parametrize("count", [0, -1, 101])
def test_so_many_forms_at_once_are_refused_and_cost_no_number(count: int, world: World) -> None:
    with pytest.raises(InvalidInput, match="1 to 100"):
        make_forms(world.north, count=count, by=world.clerk)
    assert not IssuedAccession.objects.exists()


def test_forms_that_cannot_be_drawn_cost_no_number(world: World) -> None:
    world.north.name = "रेडियोलॉजी"
    world.north.save()
    with pytest.raises(InvalidInput, match="cannot be printed"):
        make_forms(world.north, count=3, by=world.clerk)
    assert not IssuedAccession.objects.exists()


def test_printing_forms_is_for_those_of_the_site(world: World) -> None:
    for stranger in (world.radiologist, world.referrer, world.outsider):
        with pytest.raises(NotPermitted):
            make_forms(world.north, count=1, by=stranger)
    assert not DowntimeForm.objects.exists()


def test_making_forms_is_on_record_with_the_first_and_the_last_number(world: World) -> None:
    made, _pdf = make_forms(world.north, count=3, by=world.clerk)
    row = AuditEvent.objects.get(action="downtime.forms-made")
    assert (row.event_code, row.actor_display) == ("110106", "Clara Clerk")
    assert (row.detail["first"], row.detail["last"]) == (str(made[0]), str(made[-1]))
    assert not Print.objects.exists()


def test_a_spoiled_form_is_never_entered(world: World) -> None:
    form = spoil_form(paper(world), reason="Torn", by=world.clerk)
    with pytest.raises(TransitionError):
        entered(world, form)
    assert (form.state, form.spoil_reason, form.settled_by_name) == ("spoiled", "Torn", "Clara Clerk")


def test_a_form_is_spoiled_with_a_reason_only(world: World) -> None:
    form = paper(world)
    with pytest.raises(InvalidInput, match="reason"):
        spoil_form(form, reason="  ", by=world.clerk)
    form.refresh_from_db()
    assert form.state == "unused"


def test_a_form_that_was_entered_cannot_be_spoiled(world: World) -> None:
    form = paper(world)
    entered(world, form)
    with pytest.raises(TransitionError):
        spoil_form(form, reason="Torn", by=world.clerk)
