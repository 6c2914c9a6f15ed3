"""Numbers, doubts, two texts and earlier reports beside a draft, for the programs of those who write it."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from reporting.actions.amend import begin_amendment
from reporting.models import Measurement, Report
from reporting.prefill import filable
from ris.audit.models import AuditEvent
from ris.patients.models import Patient
from tests import exam
from tests.api.conftest import program_of
from tests.world import World
from worklist.models import ReadingTask

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]


def door(report: Report, verb: str) -> str:
    return f"/api/v1/reports/{report.pk}/{verb}/"


def measured(world: World) -> tuple[Report, str, dict[str, str]]:
    """A draft, one of its measured fields, and identities of two measurements by their value."""
    report = Report.objects.select_related("task__patient", "template", "site").get(pk=exam.draft(world).pk)
    spec = filable(report)[0]
    exam.stored(report.task, 9.5, 11.0)
    rows = {f"{row.value:g}": row.identity for row in Measurement.objects.select_related("source")}
    return report, str(spec["key"]), rows


def test_numbers_say_what_could_fill_a_field_and_one_is_chosen(world: World, radiologist: APIClient) -> None:
    report, key, rows = measured(world)
    told = radiologist.get(door(report, "numbers")).json()
    assert {one["measurement"] for one in told["measurements"]} == set(rows.values())
    unknown = radiologist.post(door(report, "choose"), {"field": key, "measurement": "0" * 16}, format="json")
    assert (unknown.status_code, unknown.json()["fields"]) == (422, {key: "Not there."})
    again = radiologist.post(door(report, "choose"), {"field": key, "measurement": ""}, format="json")
    assert again.status_code == 200, again.json()
    assert AuditEvent.objects.get(action="measurement.chosen").detail == {"field": key}


def test_an_earlier_number_is_ruled_out_and_the_field_is_marked_as_seen(world: World, radiologist: APIClient) -> None:
    report, key, _rows = measured(world)
    told = radiologist.post(door(report, "compare"), {"field": key, "earlier": "none"}, format="json")
    assert [one["no_prior"] for one in told.json()["fields"] if one["field"] == key] == [True]
    Report.objects.filter(pk=report.pk).update(content={**Report.objects.get().content, "marks": {key: {
        "kind": "deleted", "was": {"value": 9.5, "unit": "mm"}, "at": "2027-03-12T10:00:00+00:00"}}})  # fmt: skip
    marked = radiologist.get(door(report, "numbers")).json()["fields"]
    assert [one["mark"]["kind"] for one in marked if one["field"] == key] == ["deleted"]
    seen = radiologist.post(door(report, "seen"), {"field": key}, format="json").json()["fields"]
    assert [one["mark"] for one in seen if one["field"] == key] == [None]


def test_numbers_of_a_draft_are_for_those_who_write_it(world: World, referrer: APIClient, outsider: APIClient) -> None:
    report, key, _rows = measured(world)
    body = {"field": key, "measurement": ""}
    assert referrer.get(door(report, "numbers")).status_code == 403
    assert outsider.post(door(report, "choose"), body, format="json").status_code == 404
    assert program_of(world.resident).post(door(report, "choose"), body, format="json").status_code == 403
    assert not AuditEvent.objects.filter(action="measurement.chosen").exists()


def test_doubts_are_told_before_anything_is_signed(world: World, radiologist: APIClient) -> None:
    report = exam.draft(world)
    body = {"revision": report.revision, "sections": {"findings": "A nodule of [size] mm.", "impression": ""}}
    assert radiologist.put(door(report, "draft"), body, format="json").status_code == 200
    doubts = radiologist.get(door(report, "doubts")).json()
    assert ("stop", "placeholder", "findings") in [(one["level"], one["rule"], one["section"]) for one in doubts]
    assert ("warn", "empty", "impression") in [(one["level"], one["rule"], one["section"]) for one in doubts]
    assert program_of(world.resident).get(door(report, "doubts")).status_code == 403


def test_two_texts_are_shown_side_by_side_and_nothing_is_changed(world: World, radiologist: APIClient) -> None:
    report = exam.draft(world)
    said = {"sections": {"findings": "No nodule.", "impression": exam.FINDINGS["impression"]}, "base": {"findings": ""}}
    both = radiologist.post(door(report, "joining"), said, format="json").json()
    (pair,) = both["texts"]
    assert (both["revision"], pair["key"], pair["saved"]) == (report.revision, "findings", exam.FINDINGS["findings"])
    assert pair["joined"] == f"{exam.FINDINGS['findings']}\nNo nodule."
    assert {piece["kind"] for piece in pair["pieces"]} >= {"gone", "new"}
    assert Report.objects.get(pk=report.pk).content["sections"]["findings"] == exam.FINDINGS["findings"]
    resident = program_of(world.resident)
    assert resident.post(door(report, "joining"), said, format="json").status_code == 403


def test_two_texts_of_an_addendum_are_shown_side_by_side(world: World, radiologist: APIClient) -> None:
    draft = begin_amendment(exam.sign(exam.draft(world), world.radiologist).report, kind="addendum",
                            by=world.radiologist)  # fmt: skip
    address = f"/api/v1/amendments/{draft.pk}/"
    saved = {"revision": 0, "seen": 1, "texts": ["Unchanged since 2019."]}
    assert radiologist.put(f"{address}texts/", saved, format="json").status_code == 200
    mine = {"texts": ["Grown since 2019."], "caller": "Dr. Ward"}
    both = radiologist.post(f"{address}joining/", mine, format="json").json()
    assert [(one["mine"], one["saved"]) for one in both["texts"]] == [("Grown since 2019.", "Unchanged since 2019.")]
    assert [(one["key"], one["mine"]) for one in both["fields"]] == [("caller", "Dr. Ward")]
    same = radiologist.post(f"{address}joining/", {"texts": ["Unchanged since 2019."]}, format="json").json()
    assert (same["texts"], same["fields"], same["ticks"]) == ([], [], [])
    assert program_of(world.resident).post(f"{address}joining/", mine, format="json").status_code == 403


def followed(world: World) -> ReadingTask:
    """A case of somebody who has an earlier, signed report."""
    patient: Patient = world.patient("Before")
    exam.sign(exam.draft(world, task=exam.case(world, world.requested(world.order(patient)))), world.radiologist)
    return exam.case(world, world.requested(world.order(patient)))


def test_earlier_exams_and_their_reports_stand_beside_a_case(world: World, radiologist: APIClient) -> None:
    task = followed(world)
    (prior,) = radiologist.get(f"/api/v1/cases/{task.pk}/priors/").json()
    earlier = Report.objects.get()
    assert (prior["reports"], prior["is_relevant"], prior["from_outside"]) == ([earlier.pk], True, False)
    draft = exam.draft(world, task=task)
    (before,) = radiologist.get(door(draft, "previous")).json()
    assert (before["report"], before["exam"]) == (earlier.pk, prior["name"])
    assert exam.FINDINGS["impression"] in [section["text"] for section in before["sections"]]
    viewed = AuditEvent.objects.filter(action="report.viewed", target_id=str(earlier.pk))
    assert viewed.filter(actor_id=str(world.radiologist.pk)).count() == 1


def test_earlier_exams_are_not_for_the_desk_or_another_site(
    world: World, clerk: APIClient, outsider: APIClient
) -> None:
    address = f"/api/v1/cases/{followed(world).pk}/priors/"
    assert (clerk.get(address).status_code, outsider.get(address).status_code) == (403, 404)
