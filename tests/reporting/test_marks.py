"""Numbers that change or go away after they stood in a report; choosing among several."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from reporting.actions.choosing import choose_measurement, see_mark
from reporting.lifecycle import OBJECT
from reporting.models import Measurement, Report, StoredObject
from reporting.numbers import changes_since, numbers_of
from reporting.prefill import prefill
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from tests.exam import draft, sign, stored
from tests.world import World

KEY = "lesion-length"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def report(world: World) -> Report:
    return draft(world)


def filled_anew(report: Report) -> Report:
    fresh = Report.objects.select_related("template", "task", "site").get(pk=report.pk)
    prefill(fresh)
    return fresh


def field(report: Report) -> dict[str, Any]:
    return next(one for one in numbers_of(filled_anew(report), writable=True)["fields"] if one["key"] == KEY)


def older(source: StoredObject) -> None:
    StoredObject.objects.filter(pk=source.pk).update(stored_at=timezone.now() - timedelta(minutes=5))


def test_a_number_that_was_measured_again_is_marked_until_it_was_seen(world: World, report: Report) -> None:
    older(stored(report.task, 33.6))
    assert field(report)["mark"] is None
    stored(report.task, 35.0)
    found = field(report)
    assert (found["value"], found["mark"]["kind"], found["mark"]["was"]) == ("35.0", "changed", "33.6 mm")
    see_mark(report, KEY, by=world.radiologist)
    assert field(report)["mark"] is None


def test_a_number_whose_object_is_gone_is_marked_as_gone(report: Report) -> None:
    source = stored(report.task, 33.6)
    field(report)
    OBJECT.advance(source, "supersede")
    found = field(report)
    assert (found["filled"], found["mark"]["kind"], found["mark"]["was"]) == (None, "deleted", "33.6 mm")


def test_the_same_number_saved_once_more_is_no_change(report: Report) -> None:
    older(stored(report.task, 33.6))
    field(report)
    stored(report.task, 33.6)
    assert field(report)["mark"] is None


def test_a_signed_report_tells_what_is_measured_otherwise_by_now(world: World, report: Report) -> None:
    older(stored(report.task, 33.6))
    sign(filled_anew(report), world.radiologist)
    signed = Report.objects.get(pk=report.pk)
    assert changes_since(signed) == []
    source = stored(report.task, 35.0)
    assert [(one["was"], one["now"]) for one in changes_since(signed)] == [("33.6 mm", "35.0 mm")]
    assert Report.objects.get(pk=report.pk).content["fields"][KEY]["value"] == 33.6
    for one in (source, StoredObject.objects.exclude(pk=source.pk).get()):
        OBJECT.advance(one, "supersede")
    assert [one["now"] for one in changes_since(signed)] == [""]


def test_the_reader_chooses_among_several_and_the_choice_stays(world: World, report: Report) -> None:
    stored(report.task, 20.0, 31.0)
    assert field(report)["value"] == "31.0"
    smaller = Measurement.objects.get(value=20.0)
    choose_measurement(report, KEY, smaller.identity, by=world.radiologist)
    found = field(report)
    assert (found["value"], found["filled"]["chosen"], found["mark"]) == ("20.0", "by hand", None)
    choose_measurement(report, KEY, "", by=world.radiologist)
    assert field(report)["value"] == "31.0"


def test_the_candidates_are_listed_best_first_with_what_speaks_against_the_others(report: Report) -> None:
    stored(report.task, 336.0, flags=["unit-conflict"], words=["Length 336 mm: a unit is mistaken."])
    older(StoredObject.objects.get())
    stored(report.task, 20.0, 31.0)
    found = field(report)["candidates"]
    assert [(one["value"], one["choosable"]) for one in found] == [("31.0", True), ("20.0", True), ("336.0", False)]
    assert found[2]["why"] == "Length 336 mm: a unit is mistaken."


def test_a_wrong_number_cannot_be_chosen(world: World, report: Report) -> None:
    stored(report.task, 336.0, flags=["unit-conflict"], words=["Length 336 mm: a unit is mistaken."])
    with pytest.raises(InvalidInput, match="a unit is mistaken"):
        choose_measurement(report, KEY, Measurement.objects.get().identity, by=world.radiologist)
    assert field(report)["filled"] is None


def test_others_choose_nothing_and_nobody_chooses_in_a_signed_report(world: World, report: Report) -> None:
    stored(report.task, 20.0, 31.0)
    identity = Measurement.objects.get(value=20.0).identity
    for stranger in (world.resident, world.technologist):
        with pytest.raises(NotPermitted):
            choose_measurement(report, KEY, identity, by=stranger)
    sign(filled_anew(report), world.radiologist)
    with pytest.raises((NotPermitted, TransitionError)):
        choose_measurement(report, KEY, identity, by=world.radiologist)
