"""A report is labelled, marked and signed in the language of its template; what was signed before says what it said."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from reporting.actions import open_report, save_draft
from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment, withdraw_report
from reporting.actions.objects import refill_case
from reporting.candidates import OF_EACH, UNCHECKED
from reporting.candidates import WORDS as DOUBTS
from reporting.document import rows_of, to_render
from reporting.models import Artifact, Report, ReportTemplate, ReportVersion
from reporting.previous.reading import previous_of
from reporting.render.words import words as words_in
from reporting.templates.values import typed
from ris.core.actors import SystemActor
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import draft, sign, stored
from tests.reporting.amending.test_amending import added, corrected, now, printed
from tests.reporting.amending.test_filling_anew import begun, pointed_out, signed
from tests.worklist.priors.test_earlier import taken
from tests.world import World
from worklist.actions.reading import claim
from worklist.actions.record import Contrast, Dose, give_contrast, note_dose
from worklist.exam.record import ContrastAgent

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


def test_what_the_ris_writes_into_a_german_text_is_german(world: World, tmp_path: Path) -> None:
    of_template(world, "de")
    patient = world.patient()
    before = taken(world, patient, "CTCHEST", date(2025, 3, 12))
    RequestedProcedure.objects.filter(reading_tasks=before).update(laterality="R")
    sign(draft(world, task=before), world.radiologist)
    task = taken(world, patient, "CTCHEST", date(2027, 3, 12))
    Order.objects.filter(procedures__reading_tasks=task).update(priority="HIGH")
    step = ScheduledProcedureStep.objects.get(requested_procedure__reading_tasks=task)
    agent = ContrastAgent.objects.get(name="Iohexol 350 mg I/mL")
    given = Contrast(agent=agent, volume_ml=Decimal("80.0"), reaction="mild", reaction_text="Quaddeln am Arm")
    give_contrast(step, given, by=world.technologist)
    note_dose(step, Dose(quantity="fluoroscopy", value=Decimal(12)), by=world.technologist)
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    assert report.content["sections"]["comparison"] == "CT chest rechts vom 2025-03-12."
    assert report.content["sections"]["technique"].splitlines()[1:] == [
        "Kontrastmittel: 80 ml Iohexol 350 mg I/mL, intravenös.",
        "Leichte Reaktion auf Iohexol 350 mg I/mL: Quaddeln am Arm.",
        "Dosis: Durchleuchtungszeit 12 s.",
    ]
    (earlier,) = previous_of(report, world.radiologist)
    assert earlier.source.startswith("Aus dem Befund vom ")
    said = {"findings": "Kein Rundherd.", "impression": "Unauffällig."}
    version = sign(save_draft(report, revision=0, sections=said, by=world.radiologist), world.radiologist)
    text = printed(version, tmp_path)
    assert "Dringend" in text
    for words in (" of 20", "From the report", "HIGH", "reaction", "Contrast"):
        assert words not in text


def test_what_a_german_correction_took_out_is_named_in_german(world: World, tmp_path: Path) -> None:
    ReportTemplate.objects.filter(key="ct-chest").update(about={"language": "de"})
    one = draft(world)
    pointed_out(one, world, "2.25.31")
    report = sign(Report.objects.get(pk=one.pk), world.radiologist).report
    added(report, "Die Zyste ist gutartig.", world.radiologist)
    report = Report.objects.get(pk=report.pk)
    version = signed(begun(report, world, left_out=["key-image:2.25.31:0", "Addendum 1"]), world)
    taken_out = version.content["taken_out"]
    assert taken_out[0] == "Schlüsselbild: 31"
    assert taken_out[1].startswith("Nachtrag 1, Dr. Rita Radiologist, ")
    assert "Key image" not in printed(version, tmp_path)


@pytest.mark.parametrize(
    ("language", "said"), [("de-AT", "Serie 3, Bild 61, Einzelbild 2"), ("en", "series 3, image 61, frame 2")]
)
def test_where_a_number_was_measured_is_said_in_the_reports_language(
    world: World, tmp_path: Path, language: str, said: str
) -> None:
    ReportTemplate.objects.filter(key="ct-chest").update(about={"language": language})
    one = draft(world)
    stored(one.task, 14.0, series_number=3, image_number=61, referenced_frame=2)
    refill_case(one.task, by=SystemActor("delivery"))
    version = sign(Report.objects.get(pk=one.pk), world.radiologist)
    assert said in " ".join(printed(version, tmp_path).split())


NOTES = [*DOUBTS.values(), OF_EACH, UNCHECKED, "written as 3.36 cm, which is exactly 33.6 mm",
         'Length: the unit "[mm]" is read as mm, as the drawing confirms.']  # fmt: skip


def test_each_note_on_a_number_has_german_words_and_english_ones_stay() -> None:
    english = re.compile(r"\b(the|not|no|is|of|which|written|without|drawing|unit|body|negative)\b")
    said = words_in("de-AT").note("; ".join(NOTES))
    assert english.findall(said) == []
    assert "angegeben als 3.36 cm, das sind genau 33.6 mm; Length: Die Einheit „[mm]“ ist als mm gelesen" in said
    assert words_in("en").note("; ".join(NOTES)) == "; ".join(NOTES)


def test_a_german_report_says_in_german_what_is_to_be_known_of_a_number(world: World, tmp_path: Path) -> None:
    ReportTemplate.objects.filter(key="ct-chest").update(about={"language": "de"})
    one = draft(world)
    stored(one.task, 0.014, unit="m", tool="Length")
    refill_case(one.task, by=SystemActor("delivery"))
    version = sign(Report.objects.get(pk=one.pk), world.radiologist)
    (row,) = rows_of(version.content)
    assert row.provenance.note == "angegeben als 0.014 m, das sind genau 14 mm"
    text = " ".join(printed(version, tmp_path).split())
    assert "Länge · Rita Radiologist" in text
    assert "angegeben als 0.014 m" in text
    assert "written as" not in text


@pytest.mark.parametrize(("language", "said"), [("de", "Erguss ja"), ("en", "Erguss yes")])
def test_a_field_is_answered_in_the_reports_language(world: World, tmp_path: Path, language: str, said: str) -> None:
    spec = {"key": "effusion", "label": "Erguss", "section": "findings", "type": "checkbox"}
    ReportTemplate.objects.filter(key="ct-chest").update(about={"language": language}, fields=[spec])
    one = draft(world)
    held = {"effusion": typed(spec, "yes", by="1", at=one.created_at.isoformat())}
    Report.objects.filter(pk=one.pk).update(content={**one.content, "fields": held})
    version = sign(Report.objects.get(pk=one.pk), world.radiologist)
    assert said in " ".join(printed(version, tmp_path).split())
