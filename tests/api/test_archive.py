"""GET /api/v1/reports/search/: signed reports by their words and by choices, of one's sites only."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests import exam
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
SEARCH = "/api/v1/reports/search/"


def test_a_report_is_found_by_its_words_with_the_sentence_and_the_choices(
    world: World, referrer: APIClient, outsider: APIClient
) -> None:
    version = exam.sign(exam.draft(world), world.radiologist)
    exam.draft(world)
    found = referrer.get(SEARCH, {"q": "nodul"}).json()
    (one,) = found["results"]
    assert (one["report"], one["version"], one["patient"]) == (
        version.report_id, version.pk, version.report.task.patient_id,
    )  # fmt: skip
    assert "nodule" in one["quote"]
    assert (found["count"], found["counted_all"], found["older_than"]) == (1, True, None)
    assert [(choice["value"], choice["count"]) for choice in found["facets"]["modality"]] == [("CT", 1)]
    assert outsider.get(SEARCH, {"q": "nodul"}).json()["results"] == []


def test_a_choice_narrows_and_a_misspelt_name_is_told_apart_from_what_was_found(
    world: World, radiologist: APIClient
) -> None:
    version = exam.sign(exam.draft(world), world.radiologist)
    chosen = [radiologist.get(SEARCH, {"modality": code}).json()["count"] for code in ("CT", "MR")]
    assert chosen == [1, 0]
    name = version.report.task.patient.family_name
    misspelt = radiologist.get(SEARCH, {"q": name[:-1] + "x"}).json()
    assert (misspelt["results"], [one["report"] for one in misspelt["similar"]]) == ([], [version.report_id])


def test_the_archive_is_for_those_who_see_reports_and_a_choice_is_letters_and_digits(
    clerk: APIClient, radiologist: APIClient
) -> None:
    assert clerk.get(SEARCH).status_code == 403
    odd = radiologist.get(SEARCH, {"year": "2026 OR 1"})
    assert (odd.status_code, list(odd.json()["fields"])) == (400, ["year"])
