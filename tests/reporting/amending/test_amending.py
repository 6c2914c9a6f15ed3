"""After the signature: versions are added, numbered, signed each; what was signed before stays as it was."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions import open_report, save_draft, sign_report
from reporting.actions.amend import (
    Typed,
    begin_amendment,
    drop_amendment,
    own_drafts,
    remarks_of,
    save_amendment,
    sign_amendment,
    withdraw_report,
)
from reporting.actions.sign import Answers, Proof
from reporting.amending import recipients
from reporting.amending.record import Amendment
from reporting.document import digest
from reporting.models import Artifact, Report, ReportVersion
from reporting.reread.reading import remarks
from ris import audit
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.notifications.models import Message
from tests.exam import case, draft, sign
from tests.world import PASSWORD, World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

pytestmark = pytest.mark.usefixtures("signing_key")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def now() -> Proof:
    return Proof(timezone.now())


def final(world: World) -> Report:
    return sign(draft(world), world.radiologist).report


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task").get(pk=report.pk)


def written(report: Report, kind: str, *texts: str, by: User, reason: str = "") -> Amendment:
    """A saved draft of one's addendum or correction; what is said last is of the last sections."""
    begun = begin_amendment(report, kind=kind, by=by)
    before = [item["text"] for item in begun.texts]
    said = [*before[: len(before) - len(texts)], *texts] if all(text.strip() for text in texts) else [""] * len(before)
    typed = Typed(said, seen=report.versions.count(), reason=reason)
    return save_amendment(begun, typed, revision=begun.revision, by=by)


def added(report: Report, text: str, by: User) -> ReportVersion:
    amendment = written(report, "addendum", text, by=by)
    return sign_amendment(amendment, revision=amendment.revision, proof=now(), by=by)


def corrected(report: Report, *texts: str, by: User) -> ReportVersion:
    amendment = written(report, "correction", *texts, by=by, reason="The side was wrong")
    return sign_amendment(amendment, revision=amendment.revision, proof=now(), by=by)


def printed(version: ReportVersion, folder: Path) -> str:
    """What a foreign program reads in the signed PDF."""
    (folder / "report.pdf").write_bytes(bytes(Artifact.objects.get(version=version, kind="pdf").body))
    done = subprocess.run(["pdftotext", "-layout", folder / "report.pdf", "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_an_addendum_stands_above_the_original_which_stays_as_it_was(world: World, tmp_path: Path) -> None:
    report = final(world)
    original = report.versions.get()
    before = bytes(Artifact.objects.get(version=original, kind="pdf").body)
    version = added(report, "The cyst is benign.", world.radiologist)
    assert (version.kind, version.number, fresh(report).state) == ("addendum", 2, "appended")
    assert version.content["sections"] == original.content["sections"]
    assert version.previous_sha256 == original.content_sha256 == digest(original.content)
    assert bytes(Artifact.objects.get(version=original, kind="pdf").body) == before
    text = printed(version, tmp_path)
    assert text.index("The cyst is benign.") < text.index("A nodule in the right upper lobe.")
    assert "Original report, unchanged" in text


def test_addenda_are_numbered_and_each_keeps_its_own_signer(world: World, tmp_path: Path) -> None:
    report = final(world)
    added(report, "First thought.", world.radiologist)
    second = added(report, "Second thought.", world.radiologist)
    assert [one["number"] for one in second.content["addenda"]] == [1, 2]
    assert second.content["original"]["number"] == 1
    text = printed(second, tmp_path)
    assert text.index("Addendum 2") < text.index("Addendum 1") < text.index("Original report")


def test_a_correction_says_what_it_replaces_and_why(world: World, tmp_path: Path) -> None:
    report = final(world)
    version = corrected(report, "A nodule in the left upper lobe.", "Follow up in three months.", by=world.radiologist)
    assert (version.kind, fresh(report).state) == ("correction", "corrected")
    assert version.content["supersedes"]["sha256"] == report.versions.get(number=1).content_sha256
    text = printed(version, tmp_path)
    assert "left upper lobe" in text
    assert "right upper lobe" not in text
    assert "Replaces version 1" in text
    assert "The side was wrong" in text


@pytest.mark.parametrize(
    ("texts", "reason", "field"),
    [
        (("A nodule in the right upper lobe.", "Follow up in three months."), "None", "text-0"),
        (("Another nodule.", "Follow up."), "", "reason"),
        ((" ", " "), "Empty", "text-0"),
    ],
)
def test_a_correction_without_a_change_a_reason_or_a_word_is_refused(
    world: World, texts: tuple[str, ...], reason: str, field: str
) -> None:
    report = final(world)
    amendment = written(report, "correction", *texts, by=world.radiologist, reason=reason)
    with pytest.raises(InvalidInput) as refused:
        sign_amendment(amendment, revision=amendment.revision, proof=now(), by=world.radiologist)
    assert list(refused.value.fields) == [field]
    assert (report.versions.count(), fresh(report).state) == (1, "final")


def silent(world: World, **sections: str) -> Report:
    """Final, with nothing in the sections that are not named."""
    report = open_report(claim(case(world), by=world.radiologist), by=world.radiologist)
    texts = {item["key"]: "" for item in report.sections} | sections
    saved = save_draft(report, revision=report.revision, sections=texts, by=world.radiologist)
    accepted = frozenset(one.key for one in remarks(saved))
    answers = Answers(accepted=accepted)
    return sign_report(saved, revision=saved.revision, proof=now(), by=world.radiologist, answers=answers).report


def test_a_correction_writes_what_the_report_forgot_and_it_stands_where_the_template_has_it(world: World) -> None:
    report = silent(world, technique="Helical CT.", impression="Normal.")
    titles = [item["title"] for item in report.sections]
    begun = begin_amendment(report, kind="correction", by=world.radiologist)
    assert [item["title"] for item in begun.texts] == titles
    said = [{"findings": "A nodule."}.get(item["key"], item["text"]) for item in begun.texts]
    typed = Typed(said, seen=1, reason="The findings were not in it")
    saved = save_amendment(begun, typed, revision=begun.revision, by=world.radiologist)
    version = sign_amendment(saved, revision=saved.revision, proof=now(), by=world.radiologist)
    keys = [section["key"] for section in version.content["sections"]]
    assert keys == ["technique", "findings", "impression"]
    assert [one["text"] for one in version.content["sections"]] == ["Helical CT.", "A nodule.", "Normal."]


def test_what_one_correction_emptied_the_next_can_write_again(world: World) -> None:
    report = final(world)
    emptied = written(report, "correction", by=world.radiologist, reason="Of another exam")
    texts = ["" if item["key"] == "findings" else item["text"] for item in emptied.texts]
    typed = Typed(texts, seen=1, reason="Of another exam")
    emptied = save_amendment(emptied, typed, revision=emptied.revision, by=world.radiologist)
    version = sign_amendment(emptied, revision=emptied.revision, proof=now(), by=world.radiologist)
    assert "findings" not in [one["key"] for one in version.content["sections"]]
    again = begin_amendment(fresh(report), kind="correction", by=world.radiologist)
    assert {"key": "findings", "title": "Findings", "text": ""} in again.texts


def test_boxes_of_silent_sections_change_nothing_and_ask_nothing(world: World) -> None:
    report = silent(world, findings="A nodule in the right upper lobe.")
    begun = begin_amendment(report, kind="correction", by=world.radiologist)
    same = Typed([item["text"] for item in begun.texts], seen=1)
    saved = save_amendment(begun, same, revision=begun.revision, by=world.radiologist)
    assert own_drafts(report, world.radiologist) == []
    assert remarks_of(saved, report.versions.get()) == [], "that the impression is empty was answered at the signature"
    typed = Typed(same.texts, seen=1, reason="Nothing")
    saved = save_amendment(saved, typed, revision=saved.revision, by=world.radiologist)
    with pytest.raises(InvalidInput, match="Nothing is different"):
        sign_amendment(saved, revision=saved.revision, proof=now(), by=world.radiologist)


def test_of_two_addenda_the_second_signer_reads_the_first_one_s_before_signing(world: World) -> None:
    report = final(world)
    mine = written(report, "addendum", "Mine.", by=world.radiologist)
    other = User.objects.get(pk=world.radiologist.pk)
    added_by_another = Amendment.objects.create(
        report=report, kind="addendum", texts=[{"title": "Addendum", "text": "Theirs."}], base=1, author_id="999",
        author_name="Dr. Other", saved_at=timezone.now(),
    )  # fmt: skip
    Amendment.objects.filter(pk=mine.pk).update(author_id="998")
    Amendment.objects.filter(pk=added_by_another.pk).update(author_id=str(other.pk))
    sign_amendment(added_by_another, revision=0, proof=now(), by=other)
    Amendment.objects.filter(pk=mine.pk).update(author_id=str(other.pk))
    with pytest.raises(ConcurrentUpdateError, match="Another version"):
        sign_amendment(mine, revision=mine.revision, proof=now(), by=other)
    seen = save_amendment(mine, Typed(["Mine."], seen=2), revision=mine.revision, by=other)
    assert sign_amendment(seen, revision=seen.revision, proof=now(), by=other).number == 3


@pytest.mark.parametrize("role", ["resident", "referrer", "technologist", "outsider", "clerk"])
def test_only_who_signs_final_amends_or_withdraws(world: World, role: str) -> None:
    report, person = final(world), world.people[role]
    with pytest.raises(NotPermitted):
        begin_amendment(report, kind="addendum", by=person)
    with pytest.raises(NotPermitted):
        withdraw_report(report, reason="Not mine", proof=now(), by=person)


def test_nothing_that_was_not_signed_final_is_amended(world: World) -> None:
    report = sign(draft(world, by=world.resident), world.resident, "preliminary").report
    for kind in ("addendum", "correction"):
        with pytest.raises(TransitionError):
            begin_amendment(report, kind=kind, by=world.radiologist)
    unsigned = draft(world)
    with pytest.raises(TransitionError):
        withdraw_report(unsigned, reason="Too early", proof=now(), by=world.radiologist)
    assert fresh(unsigned).state == "draft"


def test_a_draft_that_is_given_up_leaves_the_report_as_it_was(world: World) -> None:
    report = final(world)
    drop_amendment(written(report, "addendum", "Never mind.", by=world.radiologist), by=world.radiologist)
    assert (report.versions.count(), fresh(report).state) == (1, "final")
    assert begin_amendment(report, kind="addendum", by=world.radiologist).texts[0]["text"] == ""


def test_a_withdrawn_report_counts_no_more_and_its_case_is_read_again(world: World, tmp_path: Path) -> None:
    report = final(world)
    version = withdraw_report(report, reason="Images of another patient", proof=now(), by=world.radiologist)
    task = ReadingTask.objects.get(pk=report.task_id)
    assert (fresh(report).state, task.state, task.claimed_by_id) == ("entered-in-error", "waiting", None)
    text = printed(version, tmp_path)
    assert "entered in error, do not use it" in text
    assert "Images of another patient" in text
    assert "nodule" not in text
    again = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    assert (again.pk != report.pk, again.state) == (True, "draft")
    assert sign(save(again, world), world.radiologist).number == 1


def save(report: Report, world: World) -> Report:
    from reporting.actions import save_draft

    sections = {"findings": "Clear.", "impression": "Normal."}
    return save_draft(report, revision=report.revision, sections=sections, by=world.radiologist)


def test_whoever_found_a_sentence_of_it_lately_is_told_and_who_only_leafed_through_the_archive_is_not(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = final(world)
    for person, words in ((world.referrer, "nodule"), (world.resident, "")):
        client.force_login(person, backend=BACKEND)
        assert f"/reports/{report.pk}/" in client.get("/reports/", {"q": words}).content.decode()
    corrected(report, "No nodule at all.", "Normal.", by=world.radiologist)
    assert Message.objects.shown_to(world.referrer).get().subject == "A report that you have read was corrected"
    assert not Message.objects.shown_to(world.resident).exists()
    monkeypatch.setattr(recipients, "QUOTED_FOR", timedelta(0))
    added(fresh(report), "The cyst is benign.", world.radiologist)
    assert Message.objects.shown_to(world.referrer).count() == 1


def test_whoever_has_read_a_report_is_told_that_it_says_something_else(world: World) -> None:
    report = final(world)
    audit.record("report.viewed", report, by=world.referrer, patient=report.task.patient_id)
    audit.record("report.viewed", report, by=world.radiologist, patient=report.task.patient_id)
    corrected(report, "No nodule at all.", "Normal.", by=world.radiologist)
    withdraw_report(fresh(report), reason="Another patient", proof=now(), by=world.radiologist)
    told = Message.objects.shown_to(world.referrer).order_by("pk").values_list("subject", flat=True)
    assert [subject.rsplit(" ", 1)[1] for subject in told] == ["corrected", "withdrawn"]
    assert not Message.objects.shown_to(world.radiologist).filter(key__startswith="report/").exists()
    kinds = Event.objects.filter(kind__startswith="report.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["report.corrected", "report.withdrawn"]


def test_the_page_keeps_what_was_typed_over_a_wrong_password(world: World, client: Client) -> None:
    report = final(world)
    client.force_login(world.radiologist, backend=BACKEND)
    page = f"/reports/{report.pk}/amend/addendum/"
    assert "Original" not in client.get(page).content.decode()
    body = {"text-0": "The cyst is benign.", "revision": "0", "seen": "1", "sign": "1", "password": "wrong"}
    refused = client.post(page, body)
    assert (refused.status_code, "The cyst is benign." in refused.content.decode()) == (422, True)
    body |= {"password": PASSWORD, "revision": str(Amendment.objects.get().revision)}
    assert client.post(page, body).status_code == 302
    shown = client.get(f"/reports/{report.pk}/").content.decode()
    assert "The cyst is benign." in shown
    assert "Superseded" in shown


def test_a_report_is_withdrawn_from_its_page_and_says_so(world: World, client: Client) -> None:
    report = final(world)
    client.force_login(world.radiologist, backend=BACKEND)
    body = {"reason": "Images of another patient", "password": PASSWORD}
    assert client.post(f"/reports/{report.pk}/withdraw/", body).status_code == 302
    client.force_login(world.referrer, backend=BACKEND)
    shown = client.get(f"/reports/{report.pk}/").content.decode()
    assert "Images of another patient" in shown
    assert "Withdrawn" in shown
