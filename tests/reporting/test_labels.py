"""No two numbers of a report read alike: each row says its side, or the section that tells it apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from reporting.actions import open_report, save_draft
from reporting.document import rows_of
from reporting.entries import FieldChanges
from reporting.labels import Labels
from reporting.models import Artifact, Report
from reporting.numbers import numbers_of
from ris.hl7.outgoing.facts import said_in
from ris.orders.models import Procedure
from tests.exam import FINDINGS, case, sign, stored
from tests.reporting.tools import printed_text
from tests.world import World
from worklist.actions.reading import claim

RIGHT_ICA, LEFT_ICA = "Right: Internal carotid, peak systolic", "Left: Internal carotid, peak systolic"
SECTIONS = [{"key": "liver", "title": "Liver"}, {"key": "left", "title": "Left kidney"}, {"key": "right", "title": "R"}]
SIDED = {"R": ("Right", "SCT:24028007"), "L": ("Left", "SCT:7771000")}


def spec(label: str, section: str = "liver") -> dict[str, Any]:
    return {"key": f"{section}-{label}", "label": label, "section": section}


@pytest.mark.parametrize(
    ("label", "laterality", "language", "expected"),
    [
        ("Kidney, length", "Left", "en", "Left: Kidney, length"),
        ("Kidney, length", "Right", "en-GB", "Right: Kidney, length"),
        ("Niere, Länge", "Right", "de", "Rechts: Niere, Länge"),
        ("Kidney, length", "links", "en", "Left: Kidney, length"),
        ("Linke Niere, Länge", "Left", "de", "Linke Niere, Länge"),
        ("Left kidney, length", "Left", "en", "Left kidney, length"),
        ("Left kidney, length", "Right", "en", "Right: Left kidney, length"),
        ("Bright area", "Right", "en", "Right: Bright area"),
        ("Kidneys, length", "Right and left", "en", "Kidneys, length"),
        ("Kidney, length", "Unilateral", "en", "Kidney, length"),
        ("Kidney, length", "", "en", "Kidney, length"),
    ],
)
def test_a_side_is_said_once_in_the_templates_language(
    label: str, laterality: str, language: str, expected: str
) -> None:
    labels = Labels.of(SECTIONS, [spec(label)], language)
    assert labels.full(spec(label), {"laterality": laterality}) == expected


def test_a_label_of_two_sections_names_its_own_whatever_else_is_filled() -> None:
    specs = [spec("Length"), spec("length ", "left"), spec("Length", "right"), spec("Width"), spec("Width")]
    labels = Labels.of(SECTIONS, specs)
    assert labels.full(specs[0], {}) == "Liver: Length"
    assert labels.full(specs[0], {"laterality": "Right"}) == "Liver, Right: Length"
    assert labels.full(specs[1], {"laterality": "Left"}) == "Left kidney: length "
    assert labels.full(specs[1], {"laterality": "Right"}) == "Left kidney, Right: length "
    assert labels.full(specs[3], {}) == "Width"


@pytest.fixture
def neck(world: World) -> Report:
    """The carotid arteries: measured inside on both sides, typed outside of that on the right."""
    Procedure.objects.filter(code="CTCHEST").update(template_key="us-carotid")
    task = case(world)
    about = {"scheme": "LN", "code": "11726-7", "name": "Peak systolic velocity", "unit": "cm/s"}
    for value, (words, code) in ((220.0, SIDED["R"]), (80.0, SIDED["L"])):
        stored(task, value, **about, site_code="SCT:86117002", laterality=words, laterality_code=code)
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    typed = FieldChanges({"right-cca": "90"})
    return save_draft(report, revision=report.revision, sections=FINDINGS, fields=typed, by=world.radiologist)


@pytest.mark.db
def test_the_right_and_the_left_are_told_apart_on_paper_on_the_page_and_in_hl7(
    neck: Report, world: World, signing_key: None, client: Client, tmp_path: Path
) -> None:
    version = sign(Report.objects.get(pk=neck.pk), world.radiologist)

    paper = printed_text(bytes(Artifact.objects.get(version=version, kind="pdf").body), tmp_path, "-layout")
    client.force_login(world.radiologist)
    page = client.get(f"/reports/{neck.pk}/").content.decode()
    told = {(one.code[1], one.value) for one in said_in(version, with_pdf=False).numbers}

    assert [(row.label, row.value) for row in rows_of(version.content)] == [(RIGHT_ICA, "220.0"), (LEFT_ICA, "80.0")]
    assert paper.index("Right: Internal carotid") < paper.index("Left: Internal carotid")
    assert f"{RIGHT_ICA}: 220.0 cm/s" in page
    assert f"{LEFT_ICA}: 80.0 cm/s" in page
    assert told == {("Right: Common carotid, peak systolic", 90.0), (RIGHT_ICA, 220.0), (LEFT_ICA, 80.0)}


@pytest.mark.db
def test_the_pane_tells_them_apart_before_anything_is_signed(neck: Report) -> None:
    labels = [field["label"] for field in numbers_of(Report.objects.get(pk=neck.pk))["fields"]]
    assert {RIGHT_ICA, LEFT_ICA} < set(labels)
    assert len(labels) == len(set(labels))


@pytest.mark.db
def test_what_was_signed_before_is_printed_as_it_was(neck: Report, world: World, signing_key: None) -> None:
    """Its labels are frozen: the same content gives the same bytes."""
    content = sign(Report.objects.get(pk=neck.pk), world.radiologist).content
    plain = "Internal carotid, peak systolic"
    before = [{**row, "label": plain} for row in content["measurements"]]
    assert [row.label for row in rows_of({**content, "measurements": before})] == [plain, plain]
