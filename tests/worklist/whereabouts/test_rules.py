"""Every scenario has its sentence, and whatever the facts are, there is one."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ris.orders.lifecycle import ORDER, PROTOCOL
from ris.scheduling.lifecycle import APPOINTMENT, STEP
from tests.worklist.whereabouts.scenarios import NOW, SCENARIOS, Scenario
from worklist.lifecycle import READING
from worklist.whereabouts.facts import Facts
from worklist.whereabouts.rules import whereabouts


def test_there_are_fifty_scenarios() -> None:
    assert len(SCENARIOS) >= 50


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.sentence)
def test_the_sentence_says_what_blocks_who_can_act_and_since_when(scenario: Scenario) -> None:
    found = whereabouts(Facts(now=NOW, **scenario.facts))

    assert found.sentence == scenario.sentence
    assert (found.who, found.act, found.blocked) == (scenario.who, scenario.act, scenario.blocked)


def _states(lifecycle: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *(name for name, _ in lifecycle.choices)])


KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "order": _states(ORDER),
    "protocol": _states(PROTOCOL),
    "appointment": _states(APPOINTMENT),
    "step": _states(STEP),
    "task": _states(READING),
    "now": st.just(NOW),
}
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int": st.integers(0, 9),
    "str": st.sampled_from(["", "somebody", "something"]),
    "datetime | None": st.none()
    | st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
}
FACTS = st.builds(
    Facts,
    **{field.name: KNOWN[field.name] if field.name in KNOWN else BY_TYPE[str(field.type)] for field in fields(Facts)},
)


@given(FACTS)
def test_whatever_is_known_there_is_one_whole_sentence(facts: Facts) -> None:
    found = whereabouts(facts)

    assert found.sentence[0].isupper() or found.sentence[0].isdigit() or found.sentence.startswith("something")
    assert found.sentence[-1] in ".?!"
    assert not found.blocked or found.who


@given(FACTS)
def test_images_in_doubt_are_said_to_be_so_before_anything_else_of_a_living_exam(facts: Facts) -> None:
    if facts.held and facts.order not in ("cancelled", "replaced", "discontinued"):
        assert "closed until somebody reconciles" in whereabouts(facts).sentence
