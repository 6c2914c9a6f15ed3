"""A list costs as many queries for 30 rows as for 3."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.api.exams import draft, study_of
from tests.world import World

pytestmark = pytest.mark.db
LISTS = ["patients", "procedures", "orders", "rooms", "steps", "appointments", "studies", "reports"]


def row_everywhere(world: World) -> None:
    """One more of everything: booked with images and a report, and one order that waits."""
    draft(world)
    world.order()
    study_of(world.requested())
    world.booking()


def cost(program: APIClient, station: str) -> tuple[int, int]:
    """(queries, rows) of one list."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = program.get(f"/api/v1/{station}/", {"limit": 200})
    assert answer.status_code == 200, answer.json()
    return len(queries), len(answer.json()["results"])


def test_no_list_asks_once_a_row(world: World, radiologist: APIClient) -> None:
    for _ in range(3):
        row_everywhere(world)
    few = {station: cost(radiologist, station) for station in LISTS}
    for _ in range(27):
        row_everywhere(world)
    many = {station: cost(radiologist, station) for station in LISTS}
    assert {station: queries for station, (queries, _) in many.items()} == {
        station: queries for station, (queries, _) in few.items()
    }
    grown = {station for station in LISTS if many[station][1] >= few[station][1] + 27}
    assert grown == set(LISTS) - {"rooms", "procedures"}
    assert max(queries for queries, _ in many.values()) <= 10
