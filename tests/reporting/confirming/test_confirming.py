"""A resident's preliminary report: confirmed with a grade and a visible difference, or sent back with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reporting.actions import save_draft, sign_report
from reporting.actions import sign as signing
from reporting.actions.amend import begin_amendment, withdraw_report
from reporting.actions.returning import return_to_author
from reporting.actions.sign import Answers, Proof
from reporting.confirming.differences import differences, pieces
from reporting.confirming.grading import keep_grade
from reporting.confirming.record import Agreement
from reporting.critical.record import CriticalFinding
from reporting.delay.actions import recall_report, release_now
from reporting.delay.record import PublishDelay
from reporting.document import said_of
from reporting.models import Report, ReportVersion
from reporting.numbers import numbers_of
from ris.accounts.models import User
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.notifications.models import Message
from tests.exam import draft, sign
from tests.world import PASSWORD, World
from worklist.actions.reading import claim
from worklist.actions.wet_reads import to_grade, wet_read
from worklist.models import ReadingTask
from worklist.reading.staff import ReadingProfile
from worklist.reading.wet import WetGrade, WetRead

pytestmark = pytest.mark.usefixtures("signing_key")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def preliminary(world: World) -> Report:
    """Signed by the resident, and taken by the attending."""
    report = sign(draft(world, by=world.resident), world.resident, "preliminary").report
    claim(ReadingTask.objects.get(pk=report.task_id), by=world.radiologist)
    return Report.objects.select_related("task", "site", "template").get(pk=report.pk)


def changed(report: Report, by: User, **sections: str) -> Report:
    saved = save_draft(report, revision=report.revision, sections=sections, by=by)
    return Report.objects.select_related("task", "site", "template").get(pk=saved.pk)


def confirm(report: Report, by: User, grade: str) -> ReportVersion:
    answers = Answers(grade=grade)
    return sign_report(report, revision=report.revision, proof=Proof(timezone.now()), by=by, answers=answers)


def test_an_attending_who_changes_nothing_says_so(world: World) -> None:
    report = preliminary(world)
    version = confirm(report, world.radiologist, "none")
    kept = Agreement.objects.get(version=version)
    assert (kept.grade, kept.preliminary.kind, kept.preliminary.number) == ("none", "preliminary", 1)
    assert ReportVersion.objects.get(report=report, number=1).kind == "preliminary"


@pytest.mark.parametrize("grade", ["", "perfect", "none"])
def test_what_was_changed_is_graded_before_it_is_signed(world: World, grade: str) -> None:
    report = changed(preliminary(world), world.radiologist, findings="A nodule in the left lung.")
    with pytest.raises(InvalidInput) as refused:
        confirm(report, world.radiologist, grade)
    assert list(refused.value.fields) == ["grade"]
    assert report.versions.count() == 1


@pytest.mark.parametrize(("grade", "calls"), [("minor", 0), ("major", 1)])
def test_a_major_difference_must_be_told_to_who_asked(world: World, grade: str, calls: int) -> None:
    report = changed(preliminary(world), world.radiologist, findings="A nodule in the left lung.")
    confirm(report, world.radiologist, grade)
    found = CriticalFinding.objects.filter(task=report.task_id, category=1)
    assert found.count() == calls


def test_a_name_longer_than_a_finding_holds_stops_no_signature(world: World) -> None:
    version = sign(draft(world, by=world.resident), world.resident, "preliminary")
    version.content["exam"]["referrer"] = f"Dr. {'Ward ' * 30}\x00"
    keep_grade(version, version, "major", world.radiologist)
    recipient = CriticalFinding.objects.get(task=version.report.task_id).recipient
    assert recipient.startswith("Dr. Ward Ward")
    assert 110 < len(recipient) <= 120


def test_one_s_own_preliminary_report_needs_no_grade(world: World) -> None:
    report = sign(draft(world), world.radiologist, "preliminary").report
    claim(ReadingTask.objects.get(pk=report.task_id), by=world.radiologist)
    confirm(Report.objects.select_related("task", "site", "template").get(pk=report.pk), world.radiologist, "")
    assert not Agreement.objects.exists()


def test_a_preliminary_version_of_ones_own_in_between_takes_no_grade_away(world: World, client: Client) -> None:
    report = changed(preliminary(world), world.radiologist, findings="A nodule in the left upper lobe.")
    sign(report, world.radiologist, "preliminary")
    claim(ReadingTask.objects.get(pk=report.task_id), by=world.radiologist)
    report = again(report)
    client.force_login(world.radiologist, backend=BACKEND)
    pane = client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    assert "<del>right</del><ins>left</ins>" in pane
    assert f"/reports/{report.pk}/return/" not in pane, "it would go back to the attending"
    for grade in ("", "none"):
        with pytest.raises(InvalidInput):
            confirm(report, world.radiologist, grade)
    kept = Agreement.objects.get(version=confirm(report, world.radiologist, "major"))
    assert (kept.preliminary.number, kept.preliminary.signature.signer_id) == (1, str(world.resident.pk))
    assert world.resident.display in CriticalFinding.objects.get(task=report.task_id).finding


def test_a_preliminary_report_goes_back_to_its_author_with_the_reason(world: World) -> None:
    report = preliminary(world)
    return_to_author(report, comment="Look at the left apex", by=world.radiologist)
    report.refresh_from_db()
    task = ReadingTask.objects.get(pk=report.task_id)
    assert (report.state, task.state, task.claimed_by_id) == ("draft", "drafted", world.resident.pk)
    assert "Look at the left apex" in Message.objects.shown_to(world.resident).values_list("text", flat=True)[0]
    again = changed(report, world.resident, findings="A nodule in the left apex.")
    assert sign(again, world.resident, "preliminary").number == 2


def test_it_goes_back_from_the_list_too_before_anybody_took_it(world: World) -> None:
    report = sign(draft(world, by=world.resident), world.resident, "preliminary").report
    return_to_author(report, comment="The side?", by=world.radiologist)
    assert ReadingTask.objects.get(pk=report.task_id).claimed_by_id == world.resident.pk


def test_without_a_comment_a_right_or_an_author_nothing_goes_back(world: World) -> None:
    report = preliminary(world)
    with pytest.raises(InvalidInput):
        return_to_author(report, comment=" ", by=world.radiologist)
    with pytest.raises(NotPermitted):
        return_to_author(report, comment="Again", by=world.resident)
    User.objects.filter(pk=world.resident.pk).update(is_active=False)
    with pytest.raises(TransitionError):
        return_to_author(report, comment="Again", by=world.radiologist)
    report.refresh_from_db()
    assert report.state == "preliminary"


def test_the_attending_sees_what_differs_and_the_author_what_was_said(world: World, client: Client) -> None:
    report = changed(preliminary(world), world.radiologist, findings="A nodule in the left upper lobe.")
    client.force_login(world.radiologist, backend=BACKEND)
    pane = client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    assert "<del>right</del><ins>left</ins>" in pane
    client.post(f"/reports/{report.pk}/return/", {"comment": "Look at the left apex"})
    client.force_login(world.resident, backend=BACKEND)
    pane = client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    assert "Look at the left apex" in pane


def test_a_difference_names_sections_that_came_and_went() -> None:
    before = [{"title": "Findings", "text": "Clear."}, {"title": "Addition", "text": "None."}]
    now = [{"title": "Findings", "text": "Clear."}, {"title": "Impression", "text": "Normal."}]
    found = differences(before, now)
    assert [(one.title, one.pieces[0].kind) for one in found] == [("Impression", "new"), ("Addition", "gone")]


def test_sections_with_one_title_differ_each_from_itself() -> None:
    def told(*texts: str, keyed: bool = True) -> list[dict[str, str]]:
        return [
            {"title": "Kidney", "text": text} | ({"key": f"k{at}"} if keyed else {}) for at, text in enumerate(texts)
        ]

    for keyed in (True, False):
        (found,) = differences(told("Large.", "Small.", keyed=keyed), told("Tiny.", "Small."))
        assert [(one.kind, one.text) for one in found.pieces] == [("gone", "Large."), ("new", "Tiny.")]
    table = {"sections": [{"key": "measurements", "title": "Measurements", "text": "None."}], "measurements": []}
    assert differences(said_of(table), said_of(table | {"sections": []}))[0].title == "Measurements"


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_texts_can_be_read_from_their_difference(before: str, now: str) -> None:
    found = list(pieces(before, now))
    assert "".join(piece.text for piece in found if piece.kind != "new") == before
    assert "".join(piece.text for piece in found if piece.kind != "gone") == now


def test_a_number_that_was_changed_is_a_difference_like_a_word() -> None:
    def said(size: str, length: float) -> list[dict[str, str]]:
        field = {"key": "size", "label": "Nodule", "text": size}
        measured = [{"label": "Long axis", "value": length, "unit": "mm"}]
        return said_of({"sections": [{"title": "Findings", "text": "A.", "fields": [field]}], "measurements": measured})

    assert [one.title for one in differences(said("12 mm", 4.0), said("21 mm", 4.0))] == ["Findings"]
    assert [one.title for one in differences(said("12 mm", 4.0), said("12 mm", 40.0))] == ["Measurements"]
    assert differences(said("12 mm", 4.0), said("12 mm", 4.0)) == []


def test_who_has_no_privilege_for_the_modality_signs_preliminary_only(world: World) -> None:
    profile = ReadingProfile.objects.create(user=world.radiologist, modalities="MR US")
    report = draft(world)
    with pytest.raises(NotPermitted, match="do not cover CT"):
        sign(report, world.radiologist)
    assert sign(report, world.radiologist, "preliminary").kind == "preliminary"
    profile.modalities = "CT MR"
    profile.save()
    claim(ReadingTask.objects.get(pk=report.task_id), by=world.radiologist)
    assert sign(Report.objects.get(pk=report.pk), world.radiologist).kind == "final"
    profile.modalities = "US"
    profile.save()
    with pytest.raises(NotPermitted, match="such exams"):
        begin_amendment(report, kind="addendum", by=world.radiologist)


def with_wet_read(world: World) -> Report:
    """Something that the resident told the ward, and the attending's draft after it."""
    report = draft(world)
    wet_read(report.task, text="No fracture.", told_to="Dr. Ward", by=world.resident)
    return Report.objects.select_related("task", "site", "template").get(pk=report.pk)


def signed_with(report: Report, by: User, grade: str, shown: WetRead | None = None) -> ReportVersion:
    """Signed by somebody to whom the page showed `shown`; without it, the newest."""
    seen = shown or WetRead.objects.filter(task=report.task).first()
    answers, proof = Answers(wet_grade=grade, wet_read=seen.pk if seen else None), Proof(timezone.now())
    return sign_report(report, revision=report.revision, proof=proof, by=by, answers=answers)


def again(report: Report) -> Report:
    return Report.objects.select_related("task", "site", "template").get(pk=report.pk)


def ward(client: Client, world: World) -> str:
    client.force_login(world.referrer, BACKEND)
    return client.get("/worklist/reading/wet-reads/").content.decode()


@pytest.mark.db
def test_a_wet_read_is_graded_against_the_final_report_and_the_ward_sees_it(world: World, client: Client) -> None:
    report = with_wet_read(world)
    client.force_login(world.radiologist, BACKEND)
    pane = client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    assert 'name="wet_grade"' in pane
    assert f'name="wet_read" value="{WetRead.objects.get().pk}"' in pane
    assert "No fracture." in pane

    signed_with(report, world.radiologist, "major")

    kept = WetGrade.objects.get()
    assert (kept.grade, kept.by, kept.wet_read.reader) == ("major", world.radiologist, world.resident)
    finding = CriticalFinding.objects.get(task=report.task_id)
    assert (finding.recipient, finding.category) == ("Dr. Ward", 1)
    assert "Dr. Rita Radiologist signed otherwise" in ward(client, world)
    assert to_grade(report.task, world.radiologist) is None


@pytest.mark.parametrize(("grade", "graded"), [("", 0), ("none", 1), ("minor", 1)])
def test_a_wet_read_may_be_graded_and_need_not(world: World, grade: str, graded: int) -> None:
    signed_with(with_wet_read(world), world.radiologist, grade)
    assert WetGrade.objects.count() == graded
    assert not CriticalFinding.objects.exists()


@pytest.mark.parametrize("grade", ["perfect", "none"])
def test_a_word_that_is_no_grade_or_a_wet_read_of_ones_own_is_refused_and_nothing_is_signed(
    world: World, grade: str
) -> None:
    report = with_wet_read(world)
    if grade == "none":
        WetRead.objects.update(reader=world.radiologist)
    with pytest.raises(InvalidInput) as refused:
        signed_with(report, world.radiologist, grade)
    assert list(refused.value.fields) == ["wet_grade"]
    assert not ReportVersion.objects.exists()


@pytest.mark.db
def test_a_wet_read_that_the_signer_was_not_shown_is_not_graded_and_nothing_is_signed(
    world: World, client: Client
) -> None:
    report = with_wet_read(world)
    first = WetRead.objects.get()
    newer = wet_read(report.task, text="A fracture after all.", told_to="Dr. Ward", by=world.resident)
    with pytest.raises(InvalidInput, match="newer wet read"):
        signed_with(report, world.radiologist, "major", shown=first)
    with pytest.raises(InvalidInput, match="which wet read"):
        sign_report(
            report, revision=report.revision, proof=Proof(timezone.now()), by=world.radiologist,
            answers=Answers(wet_grade="major"),
        )  # fmt: skip
    cache.clear()  # no attempts of another test count
    form = {"revision": report.revision, "numbers": numbers_of(report)["numbers_version"], "wet_grade": "major"}
    client.force_login(world.radiologist, BACKEND)
    client.get(f"/reports/cases/{report.task_id}/panel/")
    answer = client.post(f"/reports/{report.pk}/sign/", form | {"wet_read": first.pk, "password": PASSWORD})
    assert (answer.status_code, ReportVersion.objects.exists()) == (422, False)
    answer = client.post(f"/reports/{report.pk}/sign/", form | {"wet_read": newer.pk, "password": PASSWORD})
    assert answer.status_code == 200
    assert WetGrade.objects.get().wet_read == newer


def test_a_wet_read_that_comes_while_the_pdf_is_made_stops_the_grade_and_the_signature(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, prepare = with_wet_read(world), signing.prepare

    def slowly(*args: Any, **kwargs: Any) -> signing.Prepared:
        wet_read(report.task, text="A fracture after all.", told_to="Dr. Ward", by=world.resident)
        return prepare(*args, **kwargs)

    monkeypatch.setattr(signing, "prepare", slowly)
    with pytest.raises(InvalidInput, match="newer wet read"):
        signed_with(report, world.radiologist, "minor", shown=WetRead.objects.get())
    assert not ReportVersion.objects.exists()
    assert not WetGrade.objects.exists()


@pytest.mark.db
def test_the_ward_sees_a_grade_once_its_report_has_left_and_a_recalled_one_is_given_anew(
    world: World, client: Client
) -> None:
    PublishDelay.objects.create(site=world.north, minutes=5)
    report = with_wet_read(world)
    signed_with(report, world.radiologist, "minor")
    assert "nothing changes for the patient" not in ward(client, world)
    assert to_grade(report.task, world.radiologist) is None, "graded, although nobody was told yet"

    recall_report(again(report), by=world.radiologist)
    assert to_grade(report.task, world.radiologist) == WetRead.objects.get()
    signed_with(again(report), world.radiologist, "none")
    release_now(again(report), by=world.radiologist)

    page = ward(client, world)
    assert "no difference" in page
    assert "nothing changes for the patient" not in page
    assert list(WetGrade.objects.order_by("pk").values_list("grade", flat=True)) == ["minor", "none"]


@pytest.mark.db
def test_the_grade_of_a_withdrawn_report_ends_with_it(world: World, client: Client) -> None:
    report = with_wet_read(world)
    signed_with(report, world.radiologist, "major")
    withdraw_report(report, reason="Another exam", proof=Proof(timezone.now()), by=world.radiologist)
    assert "signed otherwise" not in ward(client, world)

    anew = again(draft(world, task=ReadingTask.objects.get(pk=report.task_id)))
    client.force_login(world.radiologist, BACKEND)
    assert "No fracture." in client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    signed_with(anew, world.radiologist, "minor")
    assert "nothing changes for the patient" in ward(client, world)
