"""Two texts of one draft: shown side by side, and neither is lost."""

from __future__ import annotations

import pytest
from django.test import Client

from reporting.actions import save_draft
from reporting.joining.rows import joined_of, texts_of
from reporting.joining.sealing import key_for
from tests.exam import FINDINGS, draft
from tests.world import World


@pytest.mark.parametrize(
    ("mine", "saved", "base", "joined"),
    [
        ("as before", "new there", "as before", "new there"),
        ("new here", "as before", "as before", "new here"),
        ("new here", "new there", "as before", "new there\nnew here"),
        ("A nodule. More.", "A nodule.", None, "A nodule. More."),
        ("A nodule.", "A nodule. More.", None, "A nodule. More."),
        ("one", "two", None, "two\none"),
    ],
)
def test_a_join_begins_with_what_was_changed_and_drops_no_word(
    mine: str, saved: str, base: str | None, joined: str
) -> None:
    assert joined_of(mine, saved, base=base) == joined


@pytest.mark.django_db
def test_only_sections_that_differ_are_shown_and_each_word_is_marked(world: World) -> None:
    report = draft(world)
    found = texts_of(report, {**FINDINGS, "findings": "A nodule in the left upper lobe."}, {})
    assert [one.key for one in found] == ["findings"]
    words = [(piece.kind, piece.text) for piece in found[0].pieces if piece.kind != "same"]
    assert words == [("gone", "right"), ("new", "left")]


@pytest.mark.django_db
def test_a_page_that_was_overtaken_gets_both_texts_and_the_newer_revision(world: World) -> None:
    report = draft(world)
    save_draft(report, revision=report.revision, sections={"findings": "Typed elsewhere."}, by=world.radiologist)
    client = Client()
    client.force_login(world.radiologist)
    stale = {"revision": str(report.revision), "section-findings": "Typed here.", "base-findings": FINDINGS["findings"]}
    refused = client.post(f"/reports/{report.pk}/save/", stale, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["error"]) == (409, "changed-meanwhile")
    page = client.post(f"/reports/{report.pk}/joining/", stale).content.decode()
    assert f'data-revision="{report.revision + 1}"' in page
    assert 'data-mine="Typed here."' in page
    assert 'data-saved="Typed elsewhere."' in page
    assert ">Typed elsewhere.\nTyped here.</textarea>" in page


@pytest.mark.django_db
def test_the_key_that_seals_is_anothers_for_another_reader(world: World) -> None:
    report = draft(world)
    assert key_for(world.radiologist, report) == key_for(world.radiologist, report)
    assert key_for(world.radiologist, report) != key_for(world.resident, report)
