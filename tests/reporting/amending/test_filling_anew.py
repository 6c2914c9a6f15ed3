"""A correction fills fields anew, leaves key images out and adds others, under the rules of the editor."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions import save_draft
from reporting.actions.amend import Typed, begin_amendment, remarks_of, save_amendment, sign_amendment
from reporting.actions.key_images import Shown, choose_key_image, leave_out_key_image
from reporting.actions.sign import Proof
from reporting.amending.record import Amendment
from reporting.amending.refilling import entered, refilled
from reporting.entries import FieldChanges
from reporting.models import KeyImage, Report, ReportTemplate, ReportVersion
from ris.core.errors import InvalidInput
from ris.events.models import Event
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import BACKEND, printed
from tests.reporting.amending.test_taking_out import SAID, numbers, report, sized, told  # noqa: F401  fixtures
from tests.reporting.test_key_images import jpeg, study_of
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
JSON = {"Accept": "application/json"}
EFFUSION = {"key": "effusion", "label": "Pleural effusion", "section": "findings", "type": "checkbox"}
SIDE = {"key": "side", "label": "Side", "section": "technique", "type": "select", "required": True,
        "options": [{"value": "R", "label": "right"}, {"value": "L", "label": "left"}]}  # fmt: skip


def begun(report: Report, world: World, **typed: Any) -> Amendment:  # noqa: F811
    amendment = begin_amendment(report, kind="correction", by=world.radiologist)
    texts = [item["text"] for item in amendment.texts]
    said = Typed(texts, seen=amendment.base, reason="Typed wrongly", **typed)
    return save_amendment(amendment, said, revision=amendment.revision, by=world.radiologist)


def signed(amendment: Amendment, world: World) -> ReportVersion:
    return sign_amendment(amendment, revision=amendment.revision, proof=Proof(timezone.now()), by=world.radiologist)


def values(version: ReportVersion) -> dict[str, str]:
    rows = [row for section in version.content["sections"] for row in section.get("fields", [])]
    return {row["key"]: row["text"] for row in rows}


def test_a_number_is_typed_over_and_what_is_computed_from_it_follows(
    world: World,
    report: Report,  # noqa: F811
    tmp_path: Path,
) -> None:
    assert values(report.versions.get()) == {
        "first": "91.5 mm", "second": "22.5 mm", "total": "114.0 mm", "share": "5.1"
    }  # fmt: skip
    version = signed(begun(report, world, fields={"first": "81.5"}), world)
    assert values(version) == {"first": "81.5 mm", "second": "22.5 mm", "total": "104.0 mm", "share": "4.6"}
    assert [one["key"] for one in version.content["measurements"]] == ["second"], "what was measured does not stand"
    paper = printed(version, tmp_path)
    assert [number for number in ("91.5", "114.0", "81.5", "104.0") if number in paper] == ["81.5", "104.0"]
    assert "Size" in version.content["filled_anew"][0]
    assert "Filled anew: " in paper
    told_numbers = numbers()
    assert (22.5 in told_numbers, 91.5 in told_numbers, 114.0 in told_numbers) == (True, False, False)


def test_what_is_emptied_is_taken_out_by_its_name_and_can_be_filled_again(
    world: World,
    report: Report,  # noqa: F811
) -> None:
    version = signed(begun(report, world, fields={"first": ""}), world)
    assert values(version) == {"second": "22.5 mm", "total": "22.5 mm", "share": "1.0"}, "as in the editor"
    assert len(version.content["taken_out"]) == 1
    again = signed(begun(Report.objects.get(pk=report.pk), world, fields={"first": "90 mm"}), world)
    assert values(again)["total"] == "112.5 mm"


def test_a_page_sends_what_it_shows_and_that_changes_nothing(
    world: World,
    report: Report,  # noqa: F811
    client: Client,
) -> None:
    client.force_login(world.radiologist, backend=BACKEND)
    at = f"/reports/{report.pk}/amend/correction/"
    assert 'name="field-first"' in client.get(at).content.decode()
    texts = {f"text-{number}": text for number, text in enumerate(SAID.values())}
    body = {"revision": "0", "seen": "1", "reason": "Wrong", "field-first": "91.5", "field-second": "22.5"} | texts
    answer = client.post(f"{at}save/", body, headers=JSON)
    assert (answer.status_code, Amendment.objects.get().fields) == (200, {})
    wide = client.post(f"{at}save/", body | {"revision": "1", "field-first": "wide"}, headers=JSON).json()["fields"]
    assert ("A number" in wide["first"]["fault"], wide["first"]["raw"], wide["total"]["text"]) == (True, "wide", "")
    refused = client.post(at, body | {"revision": "2", "field-first": "wide", "sign": "1", "password": PASSWORD})
    assert (refused.status_code, "Size: A number" in refused.content.decode()) == (422, True)
    back = client.post(f"{at}save/", body | {"revision": "3"}, headers=JSON).json()["fields"]
    assert (back["first"]["text"], back["total"]["text"], Amendment.objects.get().fields) == ("91.5 mm", "114.0 mm", {})
    both = client.post(f"{at}joining/", {"field-first": "80"}).content.decode()
    assert ("80 (this page)" in both, "91.5 mm (saved)" in both) == (True, True)


def test_a_field_that_is_none_or_is_computed_is_refused(world: World, report: Report) -> None:  # noqa: F811
    for key in ("nowhere", "total"):
        with pytest.raises(InvalidInput) as refused:
            begun(report, world, fields={key: "1"})
        assert list(refused.value.fields) == [key]


@pytest.fixture
def plain(world: World) -> Report:
    """Signed with a choice in a section that says nothing else, and a box that nobody ticked."""
    ReportTemplate.objects.filter(key="ct-chest").update(fields=[SIDE, EFFUSION, sized("size", "1", "findings")])
    one = draft(world)
    said = {"technique": "", "findings": "No pleural effusion.", "impression": "Normal."}
    saved = save_draft(
        one, revision=one.revision, sections=said, fields=FieldChanges({"side": "R"}), by=world.radiologist
    )
    return sign(Report.objects.get(pk=saved.pk), world.radiologist).report


def test_a_choice_keeps_the_rules_of_its_template(world: World, plain: Report) -> None:
    for text, fault in (("U", "Not one of the choices."), ("", "This is needed.")):
        amendment = begun(plain, world, fields={"side": text})
        with pytest.raises(InvalidInput) as refused:
            signed(amendment, world)
        assert refused.value.fields == {"side": fault}
    version = signed(begun(plain, world, fields={"side": "L"}), world)
    assert values(version) == {"side": "left"}
    assert next(one["key"] for one in version.content["sections"]) == "technique"


def test_text_that_a_corrected_field_contradicts_is_asked_about_again(world: World, plain: Report) -> None:
    amendment = begun(plain, world, fields={"side": "L"})
    assert remarks_of(amendment, plain.versions.get()) == []
    amendment = begun(plain, world, fields={"effusion": "yes"})
    assert [one.doubt.rule for one in remarks_of(amendment, plain.versions.get())] == ["negation"]
    with pytest.raises(InvalidInput, match="Read it over"):
        signed(amendment, world)


def test_a_corrected_field_of_another_side_than_the_orders_or_of_another_patient_is_asked_about(
    world: World, plain: Report
) -> None:
    plain.task.requested_procedures.update(laterality="R")
    base = plain.versions.get()
    assert remarks_of(begun(plain, world, fields={"effusion": "no"}), base) == [], "right as ordered"
    (found,) = remarks_of(begun(plain, world, fields={"side": "L"}), base)
    assert (found.doubt.rule, found.doubt.quote) == ("laterality", "Side: left")
    with pytest.raises(InvalidInput, match="The order says right, this field says left"):
        signed(begun(plain, world, fields={"side": "L"}), world)
    assert plain.versions.count() == 1


def test_what_was_answered_of_a_field_when_it_was_signed_is_not_asked_again(world: World, plain: Report) -> None:
    plain.task.requested_procedures.update(laterality="L")
    amendment = begun(plain, world, fields={"size": "7 mm"})
    assert remarks_of(amendment, plain.versions.get()) == []
    addendum = begin_amendment(plain, kind="addendum", by=world.radiologist)
    assert remarks_of(addendum, plain.versions.get()) == [], "an addendum has no fields"


def test_a_field_of_a_silent_section_comes_where_the_template_has_it(world: World, plain: Report) -> None:
    version = signed(begun(plain, world, fields={"size": "7 mm"}), world)
    findings = next(one for one in version.content["sections"] if one["key"] == "findings")
    assert [row["text"] for row in findings["fields"]] == ["7 mm"]
    emptied = [{"title": "Impression", "key": "impression", "text": "Normal."}]
    content = {"sections": emptied, "measurements": []}
    after = refilled([SIDE, EFFUSION], content, {"effusion": {"kind": "typed", "value": True, "text": "yes"}}, ())
    assert after.anew == {"effusion"}
    assert not after.emptied


def test_the_same_words_again_correct_nothing() -> None:
    spec = sized("size", "1", "findings") | {"units": ["mm", "cm"]}
    before: dict[str, Any] = {"size": {"kind": "typed", "value": 5.0, "unit": "cm", "text": "5 cm"}}
    about = {"by": "Dr. One", "at": "2027-01-01T00:00:00+00:00"}
    for same in ("5", "5 cm"):
        assert entered([spec], before, {}, {"size": same}, about=about) == {}
    other = entered([spec], before, {}, {"size": "5 mm"}, about=about)
    assert (other["size"] or {})["text"] == "5 mm"
    assert entered([spec], before, other, {"size": "5 cm"}, about=about) == {}
    assert entered([spec], before, {}, {"size": ""}, about=about) == {"size": None}


def pointed_out(report: Report, world: World, image: str) -> KeyImage:  # noqa: F811
    """A key image whose picture has come."""
    one = choose_key_image(report, Shown(study_of(report), image), by=world.radiologist)
    body = jpeg(20, 20)
    about = {"picture": body, "picture_sha256": hashlib.sha256(body + image.encode()).hexdigest(), "place": image[-2:]}
    KeyImage.objects.filter(pk=one.pk).update(**about)
    return one


def test_key_images_are_left_out_and_added_by_a_correction(world: World, tmp_path: Path) -> None:
    one = draft(world)
    pointed_out(one, world, "2.25.31")
    leave_out_key_image(pointed_out(one, world, "2.25.32"), by=world.radiologist)
    base = sign(Report.objects.get(pk=one.pk), world.radiologist)
    assert [image["sop_uid"] for image in base.content["key_images"]] == ["2.25.31"]
    swapped = {"left_out": ["key-image:2.25.31:0"], "key_images": ["key-image:2.25.32:0"]}
    version = signed(begun(base.report, world, **swapped), world)
    assert [image["sop_uid"] for image in version.content["key_images"]] == ["2.25.32"]
    assert (version.content["taken_out"], version.content["added_images"]) == (["Key image: 31"], ["Key image: 32"])
    assert "Taken out: Key image: 31." in printed(version, tmp_path)
    told_of = Event.objects.filter(kind="report.illustrated").order_by("pk")
    assert [event.payload["version_id"] for event in told_of] == [base.pk, version.pk], "a new selection is archived"
    with pytest.raises(InvalidInput) as refused:
        begun(Report.objects.get(pk=one.pk), world, key_images=["key-image:2.25.99:0"])
    assert list(refused.value.fields) == ["key_images"]
