"""State machines are tables: every pair of state and verb is walked, on real rows."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from ris.core.errors import ConcurrentUpdateError, TransitionError
from ris.core.lifecycle import Lifecycle
from tests.lifecycle.tables import AXES

pytestmark = pytest.mark.django_db

Thing = Callable[[str], models.Model]


def in_state(row: models.Model, table: Lifecycle, state: str) -> models.Model:
    """The row, put into a state behind the table's back, as a fresh copy."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    rows.update(**{table.attribute: state})
    return rows.get()


def read(row: models.Model, table: Lifecycle) -> str:
    return str(type(row)._default_manager.values_list(table.attribute, flat=True).get(pk=row.pk))


@pytest.mark.parametrize("name", AXES)
def test_every_pair_of_state_and_verb_moves_or_is_refused_without_a_write(name: str, thing: Thing) -> None:
    table, row = AXES[name].table, thing(name)
    for state in table.states:
        for verb in table.verbs:
            copy = in_state(row, table, state)
            expected = table.table.get((state, verb))
            with CaptureQueriesContext(
                connection,
            ) as queries:
                if expected is None:
                    with pytest.raises(TransitionError, match=state):
                        table.advance(copy, verb)
                else:
                    table.advance(copy, verb)
            where = f"{state}, {verb}"
            assert (len(queries), read(row, table)) == (0 if expected is None else 1, expected or state), where
            assert getattr(copy, table.attribute) == (expected or state), where
            assert table.allows(in_state(row, table, state), verb) is (expected is not None), where


@pytest.mark.parametrize("name", AXES)
def test_of_two_who_make_the_same_move_the_second_is_told(name: str, thing: Thing) -> None:
    table, row = AXES[name].table, thing(name)
    real_moves = [(state, verb) for (state, verb), new in table.table.items() if new != state]
    assert real_moves
    for state, verb in real_moves:
        first, second = in_state(row, table, state), in_state(row, table, state)
        table.advance(first, verb)
        with pytest.raises(ConcurrentUpdateError):
            table.advance(second, verb)
        assert getattr(second, table.attribute) == state, f"{state}, {verb}: the loser's copy moved"


@pytest.mark.parametrize("name", AXES)
def test_the_states_are_those_of_the_design(name: str) -> None:
    designed = {state.replace("_", " ") for state in AXES[name].states.split()}
    assert set(AXES[name].table.states) == designed


@pytest.mark.parametrize("name", AXES)
def test_every_state_can_be_reached(name: str) -> None:
    table, reached = AXES[name].table, {AXES[name].begins}
    for _ in table.states:
        reached |= {new for (state, _verb), new in table.table.items() if state in reached}
    assert reached == set(table.states)


@pytest.mark.parametrize("name", AXES)
def test_the_database_refuses_a_state_that_no_table_knows(name: str, thing: Thing) -> None:
    table, row = AXES[name].table, thing(name)
    rows = type(row)._default_manager.filter(pk=row.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**{table.attribute: "bogus"})


@pytest.mark.parametrize("name", AXES)
def test_named_groups_hold_only_known_states(name: str) -> None:
    table = AXES[name].table
    known = {state for state, _verb in table.table} | set(table.table.values())
    assert {state for group in table.groups.values() for state in group} <= known


@pytest.mark.parametrize(("name", "final"), [("performed step", {"COMPLETED", "DISCONTINUED"}), ("delivery", {"done"})])
def test_what_is_final_stays(name: str, final: set[str]) -> None:
    assert not {state for state, _verb in AXES[name].table.table} & final


def test_a_signed_report_goes_back_to_being_a_draft_by_a_recall_only() -> None:
    table = AXES["report"].table
    signed = table.groups["released"]
    back = {verb for (state, verb), new in table.table.items() if state in signed and new in table.groups["writable"]}
    assert back == {"recall", "recall-to-preliminary"}, "before it was released: reporting/delay"


def test_no_lifecycle_of_the_program_is_left_out_here() -> None:
    modules = [f"{app.name}.lifecycle" for app in apps.get_app_configs() if app.name.split(".")[0] in OURS]
    found = {id(value): name for path in modules for name, value in tables_of(path).items()}
    assert {name for key, name in found.items() if key not in {id(axis.table) for axis in AXES.values()}} == set()


OURS = {"ris", "worklist", "reporting", "viewer"}


def tables_of(path: str) -> dict[str, Lifecycle]:
    if importlib.util.find_spec(path) is None:
        return {}
    return {name: value for name, value in vars(importlib.import_module(path)).items() if isinstance(value, Lifecycle)}
