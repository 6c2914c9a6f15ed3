"""/api/v1/studies/."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from ris.accounts.models import ApiToken
from ris.audit.models import AuditEvent
from ris.events.models import Event
from tests.api.conftest import program_of
from tests.api.exams import study_of
from tests.world import World
from worklist.exam.record import ReceivedSeries
from worklist.models import Study

pytestmark = pytest.mark.db
STUDIES = "/api/v1/studies/"
NEW = "1.2.826.0.1.3680043.8.498.1"


def test_a_matched_study_names_its_procedure_and_the_evidence(world: World, clerk: APIClient) -> None:
    requested = world.requested()
    study_of(requested)
    (row,) = clerk.get(STUDIES).json()["results"]
    assert (row["state"], row["site"], row["modalities"]) == ("matched", "north", ["CT"])
    assert row["links"][0]["accession_number"] == requested.accession_number
    assert row["links"][0]["evidence"]


def test_lists_are_narrowed_by_uid_accession_and_state(world: World, clerk: APIClient) -> None:
    first, second = study_of(world.requested()), study_of(world.requested())
    for query, found in (
        ({"study_instance_uid": first.study_instance_uid}, [first.pk]),
        ({"accession": second.accession_number}, [second.pk]),
        ({"state": "matched"}, [second.pk, first.pk]),
        ({"state": "blocked"}, []),
    ):
        assert [row["id"] for row in clerk.get(STUDIES, query).json()["results"]] == found


def test_opening_a_study_is_recorded(world: World, radiologist: APIClient) -> None:
    study = study_of(world.requested())
    assert radiologist.get(f"{STUDIES}{study.pk}/").json()["instance_count"] == 100
    assert AuditEvent.objects.get(action="study.opened").study_uid == study.study_instance_uid


def test_an_outsider_finds_no_such_study(world: World, outsider: APIClient) -> None:
    study = study_of(world.requested())
    assert outsider.get(f"{STUDIES}{study.pk}/").status_code == 404
    assert outsider.get(STUDIES).json()["count"] == 0


def test_an_announced_study_becomes_work_for_the_matcher(technologist: APIClient) -> None:
    answer = technologist.post(f"{STUDIES}notify/", {"study_instance_uid": NEW}, format="json")
    assert (answer.status_code, answer.json()) == (202, {"accepted": True})
    event = Event.objects.get(kind="study.noticed")
    assert event.payload["study_uid"] == NEW
    assert [delivery.state for delivery in event.deliveries.all()] == ["pending"]
    assert not Study.objects.exists(), "an announcement alone is no study"


def test_announcing_is_for_those_who_reconcile(clerk: APIClient, referrer: APIClient) -> None:
    for program in (clerk, referrer):
        assert program.post(f"{STUDIES}notify/", {"study_instance_uid": NEW}, format="json").status_code == 403
    assert not Event.objects.filter(kind="study.noticed").exists()


@pytest.mark.parametrize(("uid", "status"), [("1.2.abc", 400), ("1" * 65, 400), ("1.02", 422), ("*", 400), (None, 400)])
def test_what_is_no_uid_is_not_announced(technologist: APIClient, uid: object, status: int) -> None:
    answer = technologist.post(f"{STUDIES}notify/", {"study_instance_uid": uid}, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (status, ["study_instance_uid"])
    assert not Event.objects.filter(kind="study.noticed").exists()


def test_the_series_that_a_split_names_are_listed(world: World, technologist: APIClient) -> None:
    study = study_of(world.requested())
    for at in (2, 1):
        ReceivedSeries.objects.create(
            study=study, series_instance_uid=f"2.25.7{at}", number=at, modality="CT", description="Thin", images=40
        )
    rows = technologist.get(f"{STUDIES}{study.pk}/series/").json()
    assert [(row["series_instance_uid"], row["number"], row["images"]) for row in rows] == [
        ("2.25.71", 1, 40), ("2.25.72", 2, 40)
    ]  # fmt: skip


def test_a_token_for_lists_gets_no_pictures(world: World) -> None:
    study = study_of(world.requested())
    row = ReceivedSeries.objects.create(study=study, series_instance_uid="2.25.7", modality="CT", images=40)
    _token, key = ApiToken.issue(world.technologist, "lists", scopes=["studies:read"])
    refused = APIClient(headers={"Authorization": f"Token {key}"}).get(f"{STUDIES}{study.pk}/picture/?series={row.pk}")
    assert (refused.status_code, refused.json()["message"]) == (403, "This token lacks the scope viewer:read.")
    assert program_of(world.technologist).get(f"{STUDIES}{study.pk}/picture/?series={row.pk + 1}").status_code == 404
