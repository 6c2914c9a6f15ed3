"""What a correction takes out is nowhere in the new version; what it does not speak of stays, addenda too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions import save_draft
from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment
from reporting.actions.sign import Proof
from reporting.amending.dropping import droppable, going, meant, without
from reporting.amending.record import Amendment
from reporting.finding.record import ReportText
from reporting.models import Report, ReportTemplate, ReportVersion
from ris.core.errors import InvalidInput
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from tests.exam import case, draft, sign, stored
from tests.reporting.amending.test_amending import BACKEND, added, corrected, printed
from tests.ris.hl7.outgoing import destination, messages
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
SECTIONS = [
    {"key": "findings", "title": "Kidney", "text": ""},
    {"key": "other", "title": "Kidney", "text": ""},
    {"key": "impression", "title": "Impression", "text": ""},
]
SAID = {"findings": "The first one is large.", "other": "The other one is small.", "impression": "Follow up."}


def sized(key: str, code: str, section: str) -> dict[str, Any]:
    source = {"scheme": "SCT", "code": code, "units": ["mm"]}
    return {"key": key, "label": "Size", "section": section, "units": ["mm"], "sources": [source]}


TOTAL = {"key": "total", "label": "Together", "section": "impression", "type": "computed", "units": ["mm"],
         "compute": {"rule": "sum", "inputs": {"a": "first", "b": "second"}}}  # fmt: skip
TWICE = {"key": "share", "label": "Share", "section": "impression", "type": "computed",
         "compute": {"rule": "ratio", "inputs": {"numerator": "total", "denominator": "second"}}}  # fmt: skip


@pytest.fixture
def told(world: World) -> Destination:
    return destination(world.north)


@pytest.fixture
def report(world: World, told: Destination) -> Report:
    """Final, of two sections with one title and two sizes with one label, their sum, and a share of that."""
    fields = [sized("first", "410668003", "findings"), sized("second", "81827009", "other"), TOTAL, TWICE]
    ReportTemplate.objects.filter(key="ct-chest").update(sections=SECTIONS, fields=fields)
    task = case(world)
    stored(task, 91.5)
    stored(task, 22.5, code="81827009", name="Diameter")
    begun = draft(world, task=task)
    saved = save_draft(begun, revision=begun.revision, sections=SAID, by=world.radiologist)
    return sign(Report.objects.get(pk=saved.pk), world.radiologist).report


def without_first(report: Report, world: World, *left_out: str) -> ReportVersion:
    begun = begin_amendment(report, kind="correction", by=world.radiologist)
    texts = [item["text"] for item in begun.texts]
    typed = Typed(texts, seen=begun.base, reason="Measured across two of them", left_out=left_out)
    saved = save_amendment(begun, typed, revision=begun.revision, by=world.radiologist)
    return sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=world.radiologist)


def numbers() -> list[float]:
    """What the hospital was sent last as a number with its unit."""
    return [float(one.text(5)) for one in messages("report")[-1].all("OBX") if one.text(2) == "NM"]


def sent() -> list[str]:
    return [one.text(5) for one in messages("report")[-1].all("OBX") if one.text(2) == "TX"]


def test_a_number_that_does_not_hold_is_in_no_section_table_paper_or_message_any_more(
    world: World, report: Report, tmp_path: Path
) -> None:
    assert (numbers(), "114.0 mm" in printed(report.versions.get(), tmp_path)) == ([91.5, 22.5, 114.0], True)
    version = without_first(report, world, "first")
    fields = {field["key"] for section in version.content["sections"] for field in section.get("fields", [])}
    assert (fields, [one["key"] for one in version.content["measurements"]]) == ({"second"}, ["second"])
    paper = printed(version, tmp_path)
    assert [number for number in ("91.5", "114.0", "22.5") if number in paper] == ["22.5"]
    for name in ("Taken out:", "Size", "Together (Impression)", "Share (Impression)"):
        assert name in paper
    assert numbers() == [22.5]
    (note,) = messages("report")[-1].all("NTE")
    assert "Together (Impression)" in note.text(3)
    assert b"91.5" not in bytes(OutgoingMessage.objects.latest("pk").body)


def test_a_later_addendum_does_not_bring_it_back(world: World, report: Report, tmp_path: Path) -> None:
    without_first(report, world, "first")
    version = added(Report.objects.get(pk=report.pk), "Seen again.", world.radiologist)
    assert (numbers(), "91.5" in printed(version, tmp_path)) == ([22.5], False)


def test_the_page_ticks_one_of_two_alike_and_a_name_that_is_none_is_refused(
    world: World, report: Report, client: Client
) -> None:
    client.force_login(world.radiologist, backend=BACKEND)
    at = f"/reports/{report.pk}/amend/correction/"
    page = client.get(at).content.decode()
    assert ('value="first"' in page, 'value="second"' in page) == (True, True)
    texts = {f"text-{number}": text for number, text in enumerate(SAID.values())}
    body = {"revision": "0", "seen": "1", "reason": "Wrong", "sign": "1", "password": PASSWORD} | texts
    assert client.post(at, body | {"left_out": "nowhere"}).status_code == 422
    assert report.versions.count() == 1
    assert client.post(at, body | {"left_out": "second"}).status_code == 302
    assert [one["key"] for one in report.versions.get(number=2).content["measurements"]] == ["first"]
    shown = client.get(f"/reports/{report.pk}/").content.decode()
    assert "Taken out: " in shown


def test_what_is_none_of_the_reports_is_not_kept_as_if_it_would_go(world: World, report: Report) -> None:
    begun = begin_amendment(report, kind="correction", by=world.radiologist)
    typed = Typed([item["text"] for item in begun.texts], seen=1, reason="Wrong", left_out=["nowhere"])
    with pytest.raises(InvalidInput) as refused:
        save_amendment(begun, typed, revision=0, by=world.radiologist)
    assert list(refused.value.fields) == ["left_out"]
    assert Amendment.objects.get().revision == 0


def test_of_two_sections_with_one_title_each_keeps_its_own_text(world: World, report: Report) -> None:
    version = corrected(report, "It is small too.", "Follow up.", by=world.radiologist)
    assert [(one["key"], one["text"]) for one in version.content["sections"]] == [
        ("findings", SAID["findings"]), ("other", "It is small too."), ("impression", "Follow up."),
    ]  # fmt: skip


def test_an_addendum_outlives_the_correction_that_comes_after_it(world: World, report: Report, tmp_path: Path) -> None:
    first = added(report, "The cyst is benign.", world.radiologist)
    version = corrected(Report.objects.get(pk=report.pk), "It is small too.", "Follow up.", by=world.radiologist)
    assert version.content["addenda"] == first.content["addenda"]
    text = printed(version, tmp_path)
    assert text.index("It is small too.") < text.index("Addendum 1") < text.index("The cyst is benign.")
    assert sent().index("It is small too.") < sent().index("The cyst is benign.")
    assert "benign" in ReportText.objects.get(report=report).body
    second = added(Report.objects.get(pk=report.pk), "As in 2019.", world.radiologist)
    assert [one["number"] for one in second.content["addenda"]] == [1, 2]


def test_an_addendum_that_does_not_hold_is_taken_out_and_its_number_is_not_given_again(
    world: World, report: Report, tmp_path: Path
) -> None:
    added(report, "The cyst is benign.", world.radiologist)
    version = without_first(Report.objects.get(pk=report.pk), world, "addendum:1")
    text = printed(version, tmp_path)
    assert ("The cyst is benign." in text, "Taken out: Addendum 1" in text) == (False, True)
    second = added(Report.objects.get(pk=report.pk), "As in 2019.", world.radiologist)
    assert [one["number"] for one in second.content["addenda"]] == [2]


def content(**more: Any) -> dict[str, Any]:
    """As it was frozen before sections kept their keys; an early correction left `lost` in its section."""
    field = {"key": "lost", "label": "Lost", "text": "7 mm", "kind": "measured"}
    rows = [
        {"key": key, "label": label, "value": 3.0, "unit": "mm", "image_sop_uid": image}
        for key, label, image in (("a", "Size", "2.25.1"), ("b", "Size", "2.25.2"), ("c", "Depth", ""))
    ]
    sections = [{"title": "Findings", "text": "", "fields": [field]}]
    return {"sections": sections, "measurements": rows, **more}


def test_a_label_still_means_a_number_where_it_can_mean_one_only() -> None:
    assert meant(content(), ["Depth", "b", "c"]) == ["c", "b"]
    assert meant(content(), ["Size"]) == ["Size"]
    assert going(content(), [], ["Size"]) == set()


def test_a_number_that_an_early_correction_left_in_its_section_can_go_at_last() -> None:
    assert [row.key for row in droppable(content())] == ["lost", "a", "b", "c"]
    assert without(content(), {"lost"})["sections"] == [{"title": "Findings", "text": ""}]


def test_nothing_is_drawn_on_the_image_of_a_number_that_went() -> None:
    drawn = {"drawn": [{"type": "POLYLINE", "points": [], "words": "3.0 mm"}], "size": [9, 9]}
    images = [{"sop_uid": uid, "place": "", **drawn} for uid in ("2.25.1", "2.25.2")]
    kept = without(content(key_images=images), {"a"})["key_images"]
    assert kept == [{"sop_uid": "2.25.1", "place": ""}, images[1]]
