"""The description of the API shows how each body looks, and each example is one that the description allows."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from ris.accounts.api_examples import EXAMPLES
from tests.api.description import described

# A recording is no example that anybody would read.
WITHOUT = {"dictations_create"}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return described()


def bodies(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: body
        for path in description["paths"].values()
        for operation in path.values()
        if (body := operation.get("requestBody", {}).get("content", {}).get("application/json"))
    }


def test_every_body_has_an_example(description: dict[str, Any]) -> None:
    found = bodies(description)
    assert {name for name, body in found.items() if "examples" not in body} - WITHOUT == set()
    assert set(EXAMPLES) - set(found) == set()


def test_every_example_is_allowed(description: dict[str, Any]) -> None:
    faults = []
    for name, body in bodies(description).items():
        schema = {**body["schema"], "components": description["components"]}
        check = Draft202012Validator(schema, format_checker=FormatChecker())
        for example in body.get("examples", {}).values():
            faults += [(name, fault.message) for fault in check.iter_errors(example["value"])]
    assert faults == []
