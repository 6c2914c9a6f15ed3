"""Addenda, corrections and withdrawals while they are written: kept by the server, as a report's draft is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from reporting.actions.amend import Typed, begin_amendment, save_amendment
from reporting.amending.record import Amendment
from reporting.models import Report
from ris.accounts.models import User
from tests import exam
from tests.reporting.amending.test_amending import BACKEND, added, corrected, final, fresh
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]
JSON = {"Accept": "application/json"}
TEXTS = {"addendum": {"text-0": "The cyst is benign."}, "correction": {"text-0": "Left.", "reason": "The side"},
         "withdrawal": {"reason": "Images of another patient"}}  # fmt: skip


@pytest.fixture
def writer(client: Client, world: World) -> Client:
    client.force_login(world.radiologist, backend=BACKEND)
    return client


def at(report: Report, kind: str) -> str:
    return f"/reports/{report.pk}/amend/{kind}/"


def saved(writer: Client, report: Report, kind: str, revision: int | str = 0, **more: str) -> Any:
    body = {"revision": str(revision), "seen": "1"} | TEXTS[kind] | more
    return writer.post(f"{at(report, kind)}save/", body, headers=JSON)


@pytest.mark.parametrize("kind", TEXTS)
def test_what_is_typed_is_kept_by_itself_and_offered_again(world: World, writer: Client, kind: str) -> None:
    report = final(world)
    first = writer.get(at(report, kind)).content.decode()
    assert "You began this" not in first
    answer = saved(writer, report, kind)
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    again = writer.get(at(report, kind)).content.decode()
    for text in TEXTS[kind].values():
        assert text in again
    assert ("You began this" in again, 'data-revision="1"' in again) == (True, True)
    assert (report.versions.count(), fresh(report).state) == (1, "final")
    writer.post(at(report, kind), {"drop": "1"})
    assert Amendment.objects.get().state == "dropped"
    assert "You began this" not in writer.get(at(report, kind)).content.decode()


@pytest.mark.parametrize("kind", TEXTS)
def test_a_page_that_was_overtaken_gets_both_texts_and_the_newer_revision(
    world: World, writer: Client, kind: str
) -> None:
    report = final(world)
    name = "reason" if kind == "withdrawal" else "text-0"
    saved(writer, report, kind, **{name: "Typed elsewhere."})
    late = saved(writer, report, kind, **{name: "Typed here."})
    assert (late.status_code, late.json()["error"]) == (409, "changed-meanwhile")
    both = writer.post(f"{at(report, kind)}joining/", TEXTS[kind] | {name: "Typed here."}).content.decode()
    assert 'data-mine="Typed here." data-saved="Typed elsewhere."' in both
    assert f'data-joining-section="{name}"' in both
    assert ('data-revision="1"' in both, f"Goes into the {kind}" in both) == (True, True)


def test_a_conflict_shows_the_call_and_what_is_ticked_too(world: World, writer: Client) -> None:
    task = exam.case(world)
    exam.stored(task, 52.4)
    report = exam.sign(exam.draft(world, task=task), world.radiologist).report
    said = report.versions.get().content["measurements"][0]["key"]
    saved(writer, report, "correction", left_out=said)
    page = writer.post(f"{at(report, 'correction')}joining/", TEXTS["correction"]).content.decode()
    assert f'data-joining-check="left_out" data-value="{said}" data-saved="true"' in page
    saved(writer, report, "addendum", caller="Dr. Ward", called_at="2026-01-02T09:30")
    here = TEXTS["addendum"] | {"caller": "Dr. West", "called_at": "2026-01-02T10:30"}
    page = writer.post(f"{at(report, 'addendum')}joining/", here).content.decode()
    assert ("Dr. West (this page)" in page, "Dr. Ward (saved)" in page) == (True, True)
    assert "2026-01-02T09:30 (saved)" in page


def test_without_a_script_the_page_that_was_overtaken_keeps_its_text_and_knows_that_it_is_not_saved(
    world: World, writer: Client
) -> None:
    report = final(world)
    saved(writer, report, "withdrawal", reason="Saved elsewhere")
    late = {"revision": "0", "seen": "1", "reason": "Typed here", "save": "1"}
    page = writer.post(f"/reports/{report.pk}/withdraw/", late)
    text = page.content.decode()
    assert (page.status_code, "Saved elsewhere" in text, "Typed here" in text) == (409, True, True)
    assert re.search(r'data-revision="0"[^>]* data-unsaved', text)
    assert writer.post(f"/reports/{report.pk}/withdraw/", late | {"revision": "1"}).status_code == 302
    assert (Amendment.objects.get().reason, fresh(report).state) == ("Typed here", "final")


def test_half_a_call_is_kept_and_a_refused_word_is_named(world: World, writer: Client) -> None:
    report = final(world)
    assert saved(writer, report, "addendum", caller="Dr. Ward").status_code == 200
    assert Amendment.objects.get().caller == "Dr. Ward"
    refused = saved(writer, report, "withdrawal", reason="x" * 500)
    assert refused.status_code == 422
    assert "Why it does not count" in refused.json()["message"]


def test_a_draft_is_offered_on_the_page_of_its_report_to_its_writer_alone(world: World, writer: Client) -> None:
    report = final(world)
    saved(writer, report, "addendum")
    saved(writer, report, "withdrawal")
    page = writer.get(f"/reports/{report.pk}/").content.decode()
    assert ("You have begun an addendum" in page, "You have begun a withdrawal" in page) == (True, True)
    other = User.objects.create_user("second", password=PASSWORD)
    for one in world.radiologist.memberships.all():
        other.memberships.create(site=one.site, role=one.role)
    writer.force_login(other, backend=BACKEND)
    assert "You have begun" not in writer.get(f"/reports/{report.pk}/").content.decode()
    assert "The cyst is benign." not in writer.get(at(report, "addendum")).content.decode()


def test_a_withdrawal_ends_its_draft_and_shows_the_words_of_another_that_cannot_go_on(
    world: World, writer: Client
) -> None:
    report = final(world)
    saved(writer, report, "addendum")
    saved(writer, report, "withdrawal")
    body = TEXTS["withdrawal"] | {"revision": "1", "seen": "1", "password": PASSWORD, "sign": "1"}
    assert writer.post(f"/reports/{report.pk}/withdraw/", body).status_code == 302
    assert fresh(report).state == "entered-in-error"
    assert dict(Amendment.objects.values_list("kind", "state")) == {"addendum": "draft", "withdrawal": "signed"}
    page = writer.get(f"/reports/{report.pk}/").content.decode()
    assert ("The cyst is benign." in page, "Go on" in page) == (True, False)
    assert saved(writer, report, "addendum", revision=1).status_code == 409
    writer.post(at(report, "addendum"), {"drop": "1"})
    assert "You have begun" not in writer.get(f"/reports/{report.pk}/").content.decode()


def test_a_correction_in_which_nobody_wrote_begins_with_the_newest_words(world: World, writer: Client) -> None:
    report = final(world)
    writer.get(at(report, "correction"))
    Amendment.objects.update(author_id="999")  # another's page, opened and left
    corrected(report, "A nodule in the left upper lobe.", "Follow up.", by=world.radiologist)
    Amendment.objects.filter(author_id="999").update(author_id=str(world.radiologist.pk))
    begun = begin_amendment(fresh(report), kind="correction", by=world.radiologist)
    assert (begun.base, begun.revision) == (2, 1)
    assert "A nodule in the left upper lobe." in [item["text"] for item in begun.texts]


def test_who_wrote_before_another_version_was_signed_is_told_so(world: World, writer: Client) -> None:
    report = final(world)
    begun = begin_amendment(report, kind="correction", by=world.radiologist)
    typed = Typed([*(item["text"] for item in begun.texts[1:]), "More."], seen=1)
    save_amendment(begun, typed, revision=0, by=world.radiologist)
    added(fresh(report), "It was there in 2019.", world.radiologist)
    page = writer.get(at(report, "correction")).content.decode()
    assert ("Another version was signed since you began" in page, "More.</textarea>" in page) == (True, True)
