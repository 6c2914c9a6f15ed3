"""A signed PDF never enters a study that is somebody else's by now."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.actions import publish
from reporting.models import Artifact
from ris.events.models import Delivery
from ris.events.outbox import attempt
from tests.exam import draft, noted, sign
from tests.world import World
from worklist.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


class Shelf:
    """An archive that has one image, of this patient."""

    def __init__(self, patient_id: str) -> None:
        self.patient_id = patient_id

    def metadata(self, study_uid: str) -> list[dict[str, Any]]:
        row = {"00280010": {"vr": "US", "Value": [512]}, "0020000D": {"vr": "UI", "Value": [study_uid]}}
        return [row | {"00100020": {"vr": "LO", "Value": [self.patient_id]}}]


def archiving() -> Delivery:
    attempt(Delivery.objects.get(subscriber="reporting.archive").pk)
    return Delivery.objects.get(subscriber="reporting.archive")


def test_a_study_that_names_another_patient_gets_no_report(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sign(draft(world), by=world.radiologist)
    monkeypatch.setattr(publish, "get_archive", lambda: Shelf("somebody-else"))
    delivery = archiving()
    assert delivery.state == "parked"
    assert "another patient" in delivery.last_error
    assert not Artifact.objects.filter(kind="encapsulated-pdf").exists()


def test_a_study_that_left_the_case_gets_no_report(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    version = sign(draft(world), by=world.radiologist)
    requested = version.report.task.requested_procedures.get()
    noted(requested, patient_id="somebody-else")
    assert Study.objects.get().state == "unmatched"
    number = requested.order.patient.identifiers.get().value
    monkeypatch.setattr(publish, "get_archive", lambda: Shelf(number))
    delivery = archiving()
    assert delivery.state == "parked"
    assert not Artifact.objects.filter(kind="encapsulated-pdf").exists()
