"""That a report was corrected, and why, stands in each later document: on paper, on the page, in ORU and FHIR."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from reporting.amending import contents
from reporting.models import Report, ReportTemplate
from tests.reporting.amending.test_amending import added, corrected, final, fresh, printed
from tests.ris.hl7.outgoing import destination, messages
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
REPLACED = {
    "en": ("Correction", "replaced version 1 of", "Addendum"),
    "de": ("Berichtigung", "hat Version 1 vom", "Nachtrag"),
}


def doors(report: Report, world: World, client: Client, folder: Path) -> dict[str, str]:
    """What the newest version says on its paper, its page, in its message and in FHIR, blanks made one."""
    client.force_login(world.radiologist, BACKEND)
    newest = report.versions.latest("number")
    resource = client.get(f"/fhir/DiagnosticReport/{report.pk}", headers={"accept": "application/fhir+json"}).json()
    page = client.get(f"/reports/{report.pk}/").content.decode()
    found = {
        "paper": printed(newest, folder),
        "page": page.split("</article>")[0],
        "message": messages("report")[-1].first("NTE").text(3),
        "fhir": resource["text"]["div"],
    }
    return {door: " ".join(text.replace("<br>", " ").replace("<br/>", " ").split()) for door, text in found.items()}


@pytest.mark.parametrize("language", ["en", "de"])
def test_an_addendum_above_a_correction_says_that_it_was_corrected_and_why(
    world: World, client: Client, tmp_path: Path, language: str
) -> None:
    destination(world.north, pdf=False)
    ReportTemplate.objects.update(about={"language": language})
    report = final(world)
    corrected(report, "A nodule in the left upper lobe.", "Follow up.", by=world.radiologist)
    version = added(report, "The cyst is benign.", world.radiologist)
    correction, replaced, addendum = REPLACED[language]
    for door, text in doors(fresh(report), world, client, tmp_path).items():
        assert "The side was wrong" in text, door
        assert replaced in text, door
        assert door == "message" or correction in text, door
    paper = printed(version, tmp_path)
    assert paper.index(f"{addendum} 1") < paper.index(correction) < paper.index("left upper lobe")


def test_a_second_correction_says_what_the_first_one_was(world: World, client: Client, tmp_path: Path) -> None:
    destination(world.north, pdf=False)
    report = final(world)
    corrected(report, "A nodule in the left upper lobe.", "Follow up.", by=world.radiologist)
    added(report, "The cyst is benign.", world.radiologist)
    version = corrected(report, "A nodule in the left lower lobe.", "Follow up.", by=world.radiologist)
    assert [one["number"] for one in version.content["corrections"]] == [2]
    assert version.content["supersedes"]["number"] == 3
    for door, text in doors(fresh(report), world, client, tmp_path).items():
        assert text.count("The side was wrong") == 2, door


def test_what_an_older_addendum_left_out_is_said_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    report = final(world)
    corrected(report, "A nodule in the left upper lobe.", "Follow up.", by=world.radiologist)
    with monkeypatch.context() as before:
        before.setattr(contents, "_corrections", lambda *_: {})
        assert "corrections" not in added(report, "As signed before the update.", world.radiologist).content
    version = added(report, "The cyst is benign.", world.radiologist)
    assert [(one["number"], one["reason"]) for one in version.content["corrections"]] == [(2, "The side was wrong")]


def test_a_report_that_was_never_corrected_says_nothing_of_it(world: World) -> None:
    report = final(world)
    assert "corrections" not in added(report, "The cyst is benign.", world.radiologist).content
