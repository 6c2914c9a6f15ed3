"""The API's description of itself."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from tests.api.description import described

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    return described()


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_it_is_made_without_a_warning_and_is_valid(schema: dict[str, Any]) -> None:
    validate_schema(schema)
    assert not GENERATOR_STATS, "manage.py spectacular --fail-on-warn says which"


def test_every_station_is_in_it(schema: dict[str, Any]) -> None:
    stations = {path.split("/")[3] for path in schema["paths"]}
    assert {"patients", "orders", "appointments", "studies", "reports"} <= stations


def test_every_operation_says_what_it_does_and_how_it_fails(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        assert operation.get("description"), name
        assert {"400", "401", "403", "406"} <= set(operation["responses"]), name
        assert operation["security"] == [{"token": []}, {"cookieAuth": []}], name
        if "{id}" in name:
            assert "404" in operation["responses"], name
        if not name.startswith("GET"):
            assert {"409", "415", "422"} <= set(operation["responses"]), name


def test_every_name_of_an_operation_is_its_own(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(schema)]
    assert len(names) == len(set(names))
    assert {"patients_list", "orders_cancel", "reports_draft"} <= set(names)


def test_bodies_are_closed(schema: dict[str, Any]) -> None:
    bodies = {name: part for name, part in schema["components"]["schemas"].items() if name.endswith("Request")}
    assert len(bodies) >= 8
    assert {name for name, part in bodies.items() if part.get("additionalProperties") is not False} == set()


def test_it_offers_no_way_to_sign(schema: dict[str, Any]) -> None:
    assert [path for path in schema["paths"] if "sign" in path.split("/")] == []
    assert "reading room" in schema["info"]["description"]


@pytest.mark.db
def test_it_is_served_to_who_is_signed_in(clerk: APIClient, schema: dict[str, Any]) -> None:
    answer = clerk.get("/api/v1/schema/")
    assert answer.status_code == 200
    assert answer.json() == schema
