"""/api/v1/studies/{id}/link, unlink, split, order, undo: what the page can, a program can."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests.exam import noted
from tests.world import World
from worklist.exam.record import ReceivedSeries
from worklist.models import Study

pytestmark = pytest.mark.db
WHY = "Asked at the device"
LOST = {"study_instance_uid": "2.25.99", "accession_number": ""}


def door(study: Study, verb: str) -> str:
    return f"/api/v1/studies/{study.pk}/{verb}/"


def test_a_program_compares_links_and_undoes(world: World, technologist: APIClient) -> None:
    requested = world.requested()
    study = noted(requested, **LOST)
    (best, *_) = technologist.get(door(study, "candidates")).json()
    assert (best["requested_procedure"], best["accession_number"]) == (requested.pk, requested.accession_number)
    verdicts = {line["what"]: line["verdict"] for line in best["differences"]}
    assert (verdicts["Patient number"], verdicts["StudyInstanceUID"]) == ("same", "differs")
    body = {"requested_procedure": requested.pk, "reason": WHY}
    made = technologist.post(door(study, "link"), body, format="json")
    assert (made.status_code, made.json()["verb"], made.json()["by_name"]) == (200, "link", world.technologist.display)
    assert study.links.filter(active=True).count() == 1
    undone = technologist.post(
        door(study, "undo"), {"decision": made.json()["id"], "reason": "No"}, format="json"
    ).json()
    assert (undone["undone_by"], undone["undone_why"]) == (world.technologist.display, "No")
    assert study.links.filter(active=True).count() == 0
    (kept,) = technologist.get(door(study, "decisions")).json()
    assert kept["id"] == undone["id"]


def test_a_program_unlinks_and_splits(world: World, technologist: APIClient) -> None:
    requested = world.requested()
    study = noted(requested)
    for at in (1, 2):
        ReceivedSeries.objects.create(study=study, series_instance_uid=f"1.2.{at}", modality="CT", images=40)
    other = world.requested(world.order(requested.order.patient))
    body = {"requested_procedure": other.pk, "series": ["1.2.2"], "reason": "Abdomen"}
    assert technologist.post(door(study, "split"), body, format="json").status_code == 200
    assert study.links.get(requested_procedure=other).series == ["1.2.2"]
    assert technologist.post(door(study, "unlink"), {"reason": "The phantom's"}, format="json").status_code == 200
    assert study.links.filter(active=True).count() == 0


def test_a_program_makes_the_missing_order(world: World, radiologist: APIClient) -> None:
    known = world.requested()
    study = noted(known, **LOST)
    body = {"patient": known.order.patient_id, "procedure": "CTCHEST", "site": "north", "reason": "Never ordered"}
    answer = radiologist.post(door(study, "order"), body, format="json")
    assert answer.status_code == 200
    link = study.links.get(active=True)
    assert (answer.json()["requested_procedure"], link.reason) == (link.requested_procedure_id, "Never ordered")


def test_without_a_reason_or_with_another_patients_exam_nothing_happens(world: World, technologist: APIClient) -> None:
    study = noted(world.requested())
    other = world.requested(world.order(world.patient("Olsen", "Tor")))
    empty = technologist.post(door(study, "link"), {"requested_procedure": other.pk, "reason": ""}, format="json")
    assert (empty.status_code, list(empty.json()["fields"])) == (400, ["reason"])
    wrong = technologist.post(door(study, "link"), {"requested_procedure": other.pk, "reason": WHY}, format="json")
    assert wrong.status_code == 409
    assert study.links.filter(active=True).count() == 1


def test_deciding_is_for_those_who_reconcile_there(world: World, clerk: APIClient, outsider: APIClient) -> None:
    requested = world.requested()
    study = noted(requested, **LOST)
    body = {"requested_procedure": requested.pk, "reason": WHY}
    assert clerk.post(door(study, "link"), body, format="json").status_code == 403
    assert clerk.get(door(study, "candidates")).status_code == 403
    assert outsider.post(door(study, "link"), body, format="json").status_code == 404
    assert outsider.get(door(study, "decisions")).status_code == 404
    assert not study.links.exists()
