"""Programs that speak FHIR, and one exam of everything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from reporting.models import Report, ReportVersion
from ris.accounts.models import User
from ris.demo.seed import make_signing_key
from tests import exam
from tests.api.conftest import program_of
from tests.world import World

FHIR = "application/fhir+json"


class Hospital:
    """A client of /fhir/ as one person."""

    def __init__(self, user: User, *, read_only: bool = False) -> None:
        self.program: APIClient = program_of(user, read_only=read_only)

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.program.get(f"/fhir/{path}", query, headers=headers or None)

    def found(self, path: str, query: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The resources of a search; it must succeed."""
        answer = self.get(path, query)
        assert answer.status_code == 200, answer.json()
        return [entry["resource"] for entry in answer.json().get("entry", [])]

    def post(self, path: str, resource: dict[str, Any], **headers: str) -> Any:
        body = json.dumps(resource)
        return self.program.generic("POST", f"/fhir/{path}", body, content_type=FHIR, headers=headers or None)


@pytest.fixture(autouse=True)
def signing_key() -> None:
    make_signing_key()


@pytest.fixture
def clerk(world: World) -> Hospital:
    return Hospital(world.clerk)


@pytest.fixture
def radiologist(world: World) -> Hospital:
    return Hospital(world.radiologist)


@pytest.fixture
def referrer(world: World) -> Hospital:
    return Hospital(world.referrer)


@pytest.fixture
def outsider(world: World) -> Hospital:
    return Hospital(world.outsider)


@pytest.fixture
def admin(world: World) -> Hospital:
    return Hospital(world.admin)


def signed(world: World, *lengths: float) -> ReportVersion:
    """A booked exam with images, measurements and a signed report."""
    requested = world.requested()
    world.booking(requested.order)
    task = exam.case(world, requested)
    if lengths:
        exam.stored(task, *lengths, tracking_uid="2.25.4711", finding_site="Lung", site_code="SCT:39607008")
    report: Report = exam.draft(world, task=task)
    return exam.sign(report, world.radiologist)
