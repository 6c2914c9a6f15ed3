"""A report is labelled, marked and signed in the language of its template; what was signed before says what it said."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment, withdraw_report
from reporting.document import to_render
from reporting.models import Artifact, Report, ReportTemplate, ReportVersion
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import added, corrected, now, printed
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]


def of_template(world: World, language: str) -> Report:
    """Final, of a template that says this language."""
    ReportTemplate.objects.filter(key="ct-chest").update(about={"language": language})
    return sign(draft(world), world.radiologist).report


def marked(version: ReportVersion) -> bytes:
    """The language that the PDF says of itself to who reads it aloud."""
    body = bytes(Artifact.objects.get(version=version, kind="pdf").body)
    return body.split(b"/Lang (")[1].split(b")")[0]


def test_a_german_report_is_german_on_every_line_of_ours(world: World, tmp_path: Path) -> None:
    report = of_template(world, "de-AT")
    version = report.versions.get()
    text = printed(version, tmp_path)
    for words in (
        "Radiologischer Befund",
        "Endgültiger Befund, elektronisch signiert",
        "Geburtsdatum",
        "Seite 1 von 1",
    ):
        assert words in text
    for words in ("Final report", "Date of birth", "Page 1"):
        assert words not in text
    assert version.signature.meaning == "Endgültiger Befund, elektronisch signiert"
    assert marked(version) == b"de-AT"


def test_what_is_added_corrected_and_withdrawn_is_german_too(world: World, tmp_path: Path) -> None:
    report = of_template(world, "de")
    text = printed(added(report, "Die Zyste ist gutartig.", world.radiologist), tmp_path)
    assert text.index("Nachtrag 1") < text.index("Ursprünglicher Befund, unverändert")
    assert "Version 1, signiert von Dr. Rita Radiologist" in text
    text = printed(corrected(report, "Ein Rundherd links.", by=world.radiologist), tmp_path)
    assert "Ersetzt Version 2 vom" in text
    assert "Berichtigung" in text
    report = Report.objects.get(pk=report.pk)
    gone = withdraw_report(report, reason="Falscher Patient", proof=now(), by=world.radiologist)
    assert "Zurückgezogener Befund, elektronisch signiert" in printed(gone, tmp_path)


def test_who_called_is_said_in_the_reports_language(world: World, tmp_path: Path) -> None:
    report = of_template(world, "de")
    begun = begin_amendment(report, kind="addendum", by=world.radiologist)
    typed = Typed(["Besprochen."], seen=1, caller="Station 4", called_at=now().at)
    saved = save_amendment(begun, typed, revision=begun.revision, by=world.radiologist)
    version = sign_amendment(saved, revision=saved.revision, proof=now(), by=world.radiologist)
    assert "Anruf von Station 4, " in printed(version, tmp_path)


@pytest.mark.parametrize("language", ["", "fr", "german, I think"])
def test_a_language_that_is_none_or_has_no_labels_is_printed_with_english_ones(
    world: World, tmp_path: Path, language: str
) -> None:
    version = of_template(world, language).versions.get()
    assert "Final report, signed electronically" in printed(version, tmp_path)
    assert marked(version) == (b"fr" if language == "fr" else b"en")


def test_what_was_signed_before_versions_had_a_language_is_drawn_as_it_was(world: World) -> None:
    content = {**of_template(world, "de").versions.get().content}
    del content["language"]
    assert to_render(content, sha256="0" * 64).language == "en"
