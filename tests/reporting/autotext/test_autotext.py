"""Autotexts: one's own, one's group's, one's site's; the nearest one counts."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from reporting.autotext.actions import Written, given_out, take_in, write_autotext
from reporting.autotext.choosing import autotexts_for
from reporting.autotext.record import Autotext
from ris.accounts.models import Membership, User
from ris.core.errors import InvalidInput, NotPermitted
from ris.orders.models import Procedure
from tests.exam import draft, sign
from tests.reporting.test_drafts import save
from tests.world import World
from worklist.reading.staff import ReadingGroup

pytestmark = pytest.mark.django_db


def chosen(world: World, keyword: str, section: str) -> list[str]:
    rows = autotexts_for(draft(world), world.radiologist)
    return [one["text"] for one in rows if one["keyword"] == keyword and one["section"] in ("", section)]


def test_the_nearest_of_one_keyword_counts_and_another_sites_is_not_offered(world: World) -> None:
    group = ReadingGroup.objects.create(site=world.north, name="Chest")
    group.members.add(world.radiologist)
    exam = Procedure.objects.get(code="CTCHEST")
    for text, whose in (
        ("everybody's", {}),
        ("the site's", {"site": world.north}),
        ("the group's", {"group": group}),
        ("mine", {"owner": world.radiologist}),
        ("the section's", {"section": "findings"}),
        ("the exam's", {"site": world.north, "procedure": exam}),
        ("another exam's", {"procedure": Procedure.objects.get(code="CTABD")}),
        ("another site's", {"site": world.south}),
        ("another reader's", {"owner": world.resident}),
    ):
        Autotext.objects.create(keyword="normal", text=text, **whose)
    expected = ["the exam's", "the section's", "mine", "the group's", "the site's", "everybody's"]
    assert chosen(world, "normal", "findings") == expected


def test_one_keyword_stands_once_for_one_section_and_exam(world: World) -> None:
    write_autotext(None, Written(".Normal", "Lungs are clear."), by=world.radiologist)
    with pytest.raises(InvalidInput) as fault:
        write_autotext(None, Written("normal", "Clear."), by=world.radiologist)
    assert "There is one" in fault.value.fields["keyword"]
    write_autotext(None, Written("normal", "Clear.", section="findings"), by=world.radiologist)
    write_autotext(None, Written("normal", "Clear."), by=world.resident)
    assert sorted(Autotext.objects.values_list("section", flat=True)) == ["", "", "findings"]
    with pytest.raises(ValidationError):
        Autotext(keyword="x", text="x", owner=world.radiologist, site=world.north).clean()


def test_nobody_changes_anothers(world: World) -> None:
    mine = write_autotext(None, Written("mine", "Words."), by=world.radiologist)
    with pytest.raises(NotPermitted):
        write_autotext(mine, Written("mine", "Others."), by=world.resident)
    with pytest.raises(NotPermitted):
        write_autotext(None, Written("mine", "Others."), by=world.clerk)


@pytest.mark.parametrize("keyword", ["", "two words", "a.b", "x" * 33, "nul\x00"])
def test_a_keyword_that_cannot_be_typed_is_refused(world: World, keyword: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        write_autotext(None, Written(keyword, "Words."), by=world.radiologist)
    assert "keyword" in fault.value.fields


def test_a_file_comes_back_as_it_went_out_and_replaces_what_has_the_same_keyword(world: World) -> None:
    write_autotext(None, Written("nod", "[size] mm nodule, {side}."), by=world.radiologist)
    write_autotext(None, Written("normal", "Clear.", "findings", "CTCHEST"), by=world.radiologist)
    file = given_out(world.radiologist)
    write_autotext(Autotext.objects.get(keyword="nod"), Written("nod", "Changed."), by=world.radiologist)
    assert take_in(file, by=world.radiologist) == 2
    assert given_out(world.radiologist) == file
    with pytest.raises(InvalidInput, match="Number 2"):
        take_in([{"keyword": "new", "text": "x"}, {"keyword": "two words", "text": "x"}], by=world.resident)
    assert given_out(world.resident) == []


@pytest.mark.parametrize("body", [b"no json", b'{"autotexts": 1}', b"[1]", b'[{"keyword": 1}]', b"\xff", b"[" * 5000])
def test_a_file_that_is_none_is_refused_with_words(world: World, body: bytes) -> None:
    client = Client()
    client.force_login(world.radiologist)
    answer = client.post("/reports/autotexts/import/", {"file": SimpleUploadedFile("a.json", body)})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_the_page_finds_by_keyword_and_by_words(world: World) -> None:
    write_autotext(None, Written("nod", "A pulmonary nodule."), by=world.radiologist)
    write_autotext(None, Written("eff", "A pleural effusion."), by=world.radiologist)
    client = Client()
    client.force_login(world.radiologist)
    for words in (".eff", "pleural"):
        page = client.get("/reports/autotexts/", {"q": words}).content.decode()
        assert ".eff</a>" in page
        assert ".nod</a>" not in page
    assert json.loads(client.get("/reports/autotexts/export/").content) == {"autotexts": given_out(world.radiologist)}


@pytest.mark.parametrize("left", ["A [size] nodule.", "A nodule on the {side}."])
def test_a_placeholder_that_is_left_blocks_the_signature(world: World, left: str, signing_key: None) -> None:
    report = save(draft(world), world.radiologist, findings=left)
    with pytest.raises(InvalidInput, match="not filled in"):
        sign(report, world.radiologist)


def test_one_of_the_admin_is_kept_as_the_editor_looks_it_up_and_counts_its_letters(world: World) -> None:
    client = Client()
    client.force_login(world.admin)
    body = {"keyword": ".CTnormal", "text": "Lungs clear.\r\nNodule [side] lobe.\r\n", "section": "Findings"}
    page = "/admin/reporting/autotext/add/"
    assert client.post(page, body).status_code == 302
    (found,) = autotexts_for(draft(world), world.radiologist)
    assert found == {"keyword": "ctnormal", "section": "findings", "text": "Lungs clear.\nNodule [side] lobe."}
    again = client.post(page, body | {"keyword": "ctNORMAL"})
    assert "There is one of this keyword" in again.content.decode()
    refused = client.post(page, body | {"keyword": "two words"})
    assert "Letters, digits, - and _ only" in refused.content.decode()
    assert Autotext.objects.count() == 1


def test_a_group_of_another_site_offers_its_words_only_there_and_only_to_those_who_write_there(world: World) -> None:
    report = draft(world)
    group = ReadingGroup.objects.create(site=world.south, name="Chest")
    group.members.add(world.radiologist)
    Autotext.objects.create(keyword="normal", text="the other site's", group=group)
    Autotext.objects.create(keyword="normal", text="the site's", site=world.north)
    seen = Autotext.objects.visible_to(world.radiologist).filter(group=group)
    assert not seen.exists(), "a member who has no role at the group's site any more"
    Membership.objects.create(user=world.radiologist, site=world.south, role="radiologist")
    reader = User.objects.get(pk=world.radiologist.pk)
    assert Autotext.objects.visible_to(reader).filter(group=group).exists()
    assert [one["text"] for one in autotexts_for(report, reader)] == ["the site's"]


def test_the_update_mends_what_the_admin_kept_and_loses_none_of_two_that_become_one(world: World) -> None:
    kept = {"CTnormal": "A.\r\nB.", "Normal": "capital", "normal": "small", "own": "As it was."}
    for number, (keyword, text) in enumerate(kept.items()):
        row = Autotext.objects.create(keyword=f"row-{number}", text="x")
        Autotext.objects.filter(pk=row.pk).update(keyword=keyword, text=text)
    plain = import_module("reporting.migrations.0023_plain_autotexts").plain
    plain(apps, connection.schema_editor())
    now = dict(Autotext.objects.values_list("keyword", "text"))
    assert now == {"ctnormal": "A.\nB.", "normal-2": "capital", "normal": "small", "own": "As it was."}
    assert {row.scope == row.scope_now for row in Autotext.objects.all()} == {True}
