"""Measurements fill template fields by code and unit, never by position; in doubt, not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reporting.actions import open_report, save_draft
from reporting.candidates import rank
from reporting.entries import FieldChanges
from reporting.lifecycle import OBJECT
from reporting.models import Measurement, Report, StoredObject
from reporting.prefill import choose, prefill
from tests.exam import LENGTH, case, stored
from tests.world import World
from worklist.actions.reading import claim

SPEC = {"key": "length", "scheme": "SCT", "code": "410668003", "units": ["mm"], "pick": "largest"}
KEY = "lesion-length"


def measured(value: float, source: int = 1, **changes: Any) -> Measurement:
    row = Measurement(value=value, **(LENGTH | {"flags": []} | changes))
    row.source = StoredObject(pk=source, stored_at=timezone.now(), sop_instance_uid=f"2.25.{source}")
    return row


def value_of(found: Measurement | None) -> float | None:
    return found.value if found else None


@pytest.fixture
def report(world: World) -> Report:
    return open_report(claim(case(world), by=world.radiologist), by=world.radiologist)


def filled(report: Report) -> Any:
    held = Report.objects.get(pk=report.pk).content["fields"][KEY]
    return held.get("value") if held else None


def refilled(report: Report) -> Any:
    prefill(Report.objects.select_related("template", "task").get(pk=report.pk))
    return filled(report)


def test_the_largest_of_the_newest_object_is_chosen() -> None:
    found = [measured(20.0, 2), measured(31.0, 2), measured(99.0, 1)]
    assert value_of(choose(SPEC, found)) == 31.0
    assert value_of(choose(SPEC | {"pick": "latest"}, found)) == 20.0


@pytest.mark.parametrize("changes", [
    {"code": "121211"}, {"scheme": "LN"}, {"unit": "m2"}, {"unit": "px"}, {"unit": ""}, {"unit": "MM"},
])  # fmt: skip
def test_another_concept_or_unit_fills_nothing(changes: dict[str, Any]) -> None:
    assert choose(SPEC, [measured(31.0, **changes)]) is None


@pytest.mark.parametrize("flag", [
    "unit-unknown", "unit-conflict", "negative", "deviates", "not-recomputed", "not-finite", "detector-plane",
    "a doubt of tomorrow",
])  # fmt: skip
def test_a_number_in_doubt_fills_nothing(flag: str) -> None:
    assert choose(SPEC, [measured(31.0, flags=[flag])]) is None


def test_a_doubtful_number_does_not_hide_a_sure_one() -> None:
    assert value_of(choose(SPEC, [measured(99.0, flags=["deviates"]), measured(31.0)])) == 31.0


def test_only_the_tools_that_a_field_names_fill_it() -> None:
    spec = SPEC | {"tools": ["Length"]}
    assert choose(spec, [measured(31.0, tool="Bidirectional")]) is None
    assert value_of(choose(spec, [measured(31.0, tool="Length")])) == 31.0


@given(st.lists(st.tuples(st.floats(0.1, 500), st.sampled_from(["mm", "cm", ""]), st.booleans()), max_size=8))
def test_what_is_chosen_is_always_sure_and_in_an_allowed_unit(rows: list[tuple[float, str, bool]]) -> None:
    found = [measured(value, unit=unit, flags=["deviates"] if doubt else []) for value, unit, doubt in rows]
    chosen = choose(SPEC, found)
    best = rank(SPEC, found)
    fitting = [value * {"mm": 1, "cm": 10}[unit] for value, unit, doubt in rows if unit and not doubt]
    assert (chosen is None) == (not fitting)
    if fitting:
        assert best[0].unit == "mm"
        assert best[0].value == pytest.approx(max(fitting))


def test_what_was_measured_before_stands_in_the_report_when_it_is_opened(world: World) -> None:
    task = case(world)
    source = stored(task, 31.0, 52.4, tool="Length", tracking_uid="2.25.9", referenced_sop_uid="2.25.10")
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    held = report.content["fields"][KEY]
    assert (held["value"], held["unit"], held["tool"]) == (52.4, "mm", "Length")
    assert (held["sr_sop_uid"], held["tracking_uid"], held["image_sop_uid"]) == (
        source.sop_instance_uid, "2.25.9", "2.25.10",
    )  # fmt: skip
    assert (held["observer"], held["measured_at"]) == ("Radiologist^Rita", source.stored_at.isoformat())


def test_what_is_measured_later_comes_in_and_the_revision_stays(report: Report) -> None:
    stored(report.task, 52.4)
    assert refilled(report) == 52.4
    assert Report.objects.get(pk=report.pk).revision == report.revision


def test_a_newer_object_takes_the_place_of_an_older_one(report: Report) -> None:
    older = stored(report.task, 99.0)
    StoredObject.objects.filter(pk=older.pk).update(stored_at=timezone.now() - timedelta(minutes=5))
    stored(report.task, 52.4)
    assert refilled(report) == 52.4


def test_what_was_superseded_or_refused_fills_nothing(report: Report) -> None:
    source = stored(report.task, 52.4)
    assert refilled(report) == 52.4
    OBJECT.advance(source, "supersede")
    assert refilled(report) is None


def test_what_the_writer_removed_stays_removed(world: World, report: Report) -> None:
    stored(report.task, 52.4)
    refilled(report)
    saved = save_draft(
        report,
        revision=report.revision,
        sections={},
        fields=FieldChanges(removed=frozenset({KEY})),
        by=world.radiologist,
    )
    assert saved.content["fields"][KEY] == {"removed": True}
    stored(report.task, 60.0)
    assert refilled(report) is None
    assert Report.objects.get(pk=report.pk).content["fields"][KEY] == {"removed": True}


def test_removing_a_field_that_no_template_has_does_nothing(world: World, report: Report) -> None:
    saved = save_draft(
        report,
        revision=report.revision,
        sections={},
        fields=FieldChanges(removed=frozenset({"volume"})),
        by=world.radiologist,
    )
    assert set(saved.content["fields"]) == set(report.content["fields"])


def test_numbers_of_another_case_fill_nothing(world: World, report: Report) -> None:
    stored(case(world, world.requested(world.order(world.patient("Other")))), 52.4)
    assert refilled(report) is None


def test_a_field_in_doubt_stays_empty_and_the_number_is_still_there_to_see(report: Report) -> None:
    stored(report.task, 52.4, flags=["deviates"])
    assert refilled(report) is None
    assert Measurement.objects.get().value == 52.4
