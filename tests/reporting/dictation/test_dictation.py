"""A section is dictated, typed by somebody else, checked by its author, signed; then the sound is gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reporting.actions import save_draft
from reporting.actions.sign import Answers, Proof, sign_report
from reporting.dictation import keeping
from reporting.dictation.actions import (
    Recording,
    claim_clip,
    confirm_clip,
    delete_clip,
    put_back,
    record_clip,
    type_clip,
)
from reporting.dictation.beside import beside
from reporting.dictation.expiring import expire_due
from reporting.dictation.record import Clip, DictationRule
from reporting.models import Report
from reporting.reread.reading import remarks
from reporting.reread.record import RuleLevel
from ris.accounts.models import Membership, User
from ris.audit.models import AuditEvent
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotFound, NotPermitted, TransitionError
from ris.events.models import Event
from ris.notifications.models import Message
from tests.exam import FINDINGS, case, draft, sign
from tests.reporting.dictation.conftest import browser
from tests.reporting.dictation.sounds import WEBM, wav
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
TYPED = "No effusion."


def fresh(row: Any) -> Any:
    model: type[Model] = type(row)
    return model._default_manager.get(pk=row.pk)


def typed(clip: Clip, world: World) -> Clip:
    return type_clip(claim_clip(clip, by=world.typist), text=TYPED, by=world.typist)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "dictations").glob("*"))


def actions_on(report: Report) -> list[str]:
    rows = AuditEvent.objects.filter(action__startswith="dictation.", target_id=str(report.pk))
    return list(rows.order_by("pk").values_list("action", flat=True))


def test_a_recording_lies_sealed_on_disk_and_opens_as_it_was(
    world: World, clip: Clip, data_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    (kept,) = files(data_dir)
    assert b"RIFF" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    assert keeping.read(clip.file, clip.sha256) == wav()
    assert (clip.content_type, clip.seconds, clip.title) == ("audio/wav", 7, "Findings")
    assert fresh(clip.report.task).state == "drafted", "what was only dictated does not go back to the list either"
    other = record_clip(clip.report, Recording("findings", 1, WEBM), by=world.radiologist)
    with pytest.raises(NotFound, match="not the one"):
        keeping.read(other.file, clip.sha256)
    with django_capture_on_commit_callbacks(execute=True):
        delete_clip(clip, by=world.radiologist)
    assert [path.name for path in files(data_dir)] == [other.file]
    with pytest.raises(NotFound):
        keeping.read(clip.file, clip.sha256)


@pytest.mark.parametrize(
    ("recording", "fault"),
    [
        (Recording("findings", 5, b"<script>" + bytes(64)), "Only WebM"),
        (Recording("findings", 601, wav()), "10 minutes"),
        (Recording("nowhere", 5, wav()), "not kept"),
    ],
)
def test_what_is_no_recording_of_a_section_leaves_nothing(
    world: World, report: Report, data_dir: Path, recording: Recording, fault: str
) -> None:
    with pytest.raises(InvalidInput, match=fault):
        record_clip(report, recording, by=world.radiologist)
    assert (Clip.objects.count(), files(data_dir)) == (0, [])


def test_nothing_is_recorded_where_the_site_has_not_switched_it_on(world: World, data_dir: Path) -> None:
    report = draft(world)
    with pytest.raises(NotPermitted, match="keeps no recordings"):
        record_clip(report, Recording("findings", 5, wav()), by=world.radiologist)
    page = browser(world.radiologist).get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    assert "data-dictate=" not in page
    room = browser(world.radiologist).get(f"/reading/{report.task_id}/")
    assert "microphone=()" in room.headers["Permissions-Policy"]
    assert "media-src" not in room.headers["Content-Security-Policy"]
    assert files(data_dir) == []


def test_only_the_page_on_which_is_dictated_may_use_the_microphone(world: World, report: Report) -> None:
    client = browser(world.radiologist)
    room = client.get(f"/reading/{report.task_id}/")
    assert "microphone=(self)" in room.headers["Permissions-Policy"]
    assert "media-src 'self'" in room.headers["Content-Security-Policy"]
    assert 'data-dictate="findings"' in client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    for path in ("/", "/reading/", f"/reports/{report.pk}/", "/viewer/ohif/"):
        assert "microphone=()" in client.get(path).headers["Permissions-Policy"], path


def test_only_who_holds_the_case_dictates_and_nothing_into_a_signed_report(
    world: World, report: Report, data_dir: Path
) -> None:
    with pytest.raises(NotPermitted):
        record_clip(report, Recording("findings", 5, wav()), by=world.resident)
    sign(report, world.radiologist)
    with pytest.raises((NotPermitted, TransitionError)):
        record_clip(fresh(report), Recording("findings", 5, wav()), by=world.radiologist)
    assert (Clip.objects.count(), files(data_dir)) == (0, [])


def test_what_a_typist_sends_stands_in_the_draft_and_stops_the_signature_until_it_was_checked(
    world: World, clip: Clip, django_capture_on_commit_callbacks: Any
) -> None:
    assert [(one.doubt.rule, one.level) for one in remarks(fresh(clip.report))] == [("untyped", "warn")]
    typed(clip, world)
    report = fresh(clip.report)
    assert report.content["sections"]["findings"] == f"{FINDINGS['findings']}\n{TYPED}"
    assert (fresh(clip).state, fresh(clip).typed_by) == ("typed", world.typist.display)
    assert Message.objects.get(recipient=world.radiologist).link == f"/reading/{report.task_id}/"
    (found,) = remarks(report)
    assert (found.doubt.rule, found.level) == ("transcript", "stop")
    answers, proof = Answers(frozenset([found.key])), Proof(timezone.now())
    with pytest.raises(InvalidInput, match="typed from your dictation"):
        sign_report(report, revision=report.revision, proof=proof, by=world.radiologist, answers=answers)
    delete_clip(clip, by=world.radiologist)
    assert remarks(fresh(report)), "deleting the sound checks nothing"
    confirm_clip(clip, by=world.radiologist)
    assert TYPED in str(sign(fresh(report), world.radiologist).content["sections"])
    assert actions_on(report) == [
        "dictation.recorded", "dictation.claimed", "dictation.typed", "dictation.deleted", "dictation.checked",
    ]  # fmt: skip
    assert set(Event.objects.filter(kind__startswith="dictation.").values_list("kind", flat=True)) == {
        "dictation.recorded",
        "dictation.typed",
    }


def test_a_site_may_soften_the_rule(world: World, clip: Clip) -> None:
    RuleLevel.objects.create(site=world.north, rule="transcript", level="warn")
    typed(clip, world)
    assert [one.level for one in remarks(fresh(clip.report))] == ["warn"]


def test_what_was_signed_over_unchecked_asks_nobody_to_check_it_any_more(world: World, clip: Clip) -> None:
    RuleLevel.objects.create(site=world.north, rule="transcript", level="warn")
    typed(clip, world)
    report = fresh(clip.report)
    assert [row["unchecked"] for row in beside(report, world.radiologist)["clips"]] == [True]
    (found,) = remarks(report)
    answers = Answers(accepted=frozenset({found.key}))
    sign_report(report, revision=report.revision, proof=Proof(timezone.now()), by=world.radiologist, answers=answers)
    assert [row["unchecked"] for row in beside(fresh(report), world.radiologist)["clips"]] == [False]
    delete_clip(clip, by=world.radiologist)
    assert beside(fresh(report), world.radiologist)["clips"] == []


def test_who_types_meanwhile_is_told_and_loses_nothing(world: World, clip: Clip) -> None:
    seen = fresh(clip.report).revision
    typed(clip, world)
    with pytest.raises(ConcurrentUpdateError, match="saved elsewhere"):
        save_draft(fresh(clip.report), revision=seen, sections={"findings": "Mine."}, by=world.radiologist)
    assert TYPED in fresh(clip.report).content["sections"]["findings"]


def test_one_typist_takes_a_dictation_and_no_other_types_or_hears_it(world: World, clip: Clip) -> None:
    other = User.objects.create(username="second")
    Membership.objects.create(user=other, site=world.north, role="typist")
    with pytest.raises(TransitionError):
        type_clip(clip, text=TYPED, by=world.typist)  # not taken yet
    claim_clip(clip, by=world.typist)
    with pytest.raises(TransitionError):
        claim_clip(clip, by=other)
    with pytest.raises(NotPermitted):
        type_clip(clip, text="Mine.", by=other)
    assert browser(other).get(f"/reports/dictations/{clip.pk}/sound/").status_code == 403
    put_back(clip, by=world.typist)
    claim_clip(clip, by=other)
    with pytest.raises(InvalidInput, match="not sent"):
        type_clip(clip, text="  ", by=other)
    assert fresh(clip).state == "typing"


def test_a_typist_types_on_the_page_and_can_neither_read_nor_sign(world: World, clip: Clip) -> None:
    client = browser(world.typist)
    queue = client.get("/reports/dictations/").content.decode()
    assert f"/reports/dictations/{clip.pk}/" in queue
    assert client.get(f"/reports/dictations/{clip.pk}/sound/").status_code == 403
    assert "data-player" not in client.get(f"/reports/dictations/{clip.pk}/").content.decode()
    assert client.post(f"/reports/dictations/{clip.pk}/claim/").status_code == 302
    page = client.get(f"/reports/dictations/{clip.pk}/")
    assert "data-player" in page.content.decode()
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]
    empty = client.post(f"/reports/dictations/{clip.pk}/", {"text": ""})
    assert empty.status_code == 422
    assert client.post(f"/reports/dictations/{clip.pk}/", {"text": TYPED}).headers["Location"] == "/reports/dictations/"
    assert TYPED in fresh(clip.report).content["sections"]["findings"]
    assert client.get(f"/reports/dictations/{clip.pk}/").status_code == 404
    task, pk = clip.report.task_id, clip.report_id
    for path in (f"/reports/{pk}/", f"/reports/cases/{task}/panel/", "/reports/", f"/reading/{task}/"):
        assert client.get(path).status_code in (403, 404), path
    for path in (f"/reports/{pk}/sign/", f"/reports/{pk}/save/", f"/reports/dictations/{clip.pk}/checked/"):
        assert client.post(path, {"revision": "2"}).status_code in (403, 404), path


def test_the_pane_takes_the_recording_plays_it_and_checks_it(world: World, report: Report) -> None:
    client = browser(world.radiologist)
    told = {"section": "findings", "seconds": "3", "audio": _file(wav())}
    answer = client.post(f"/reports/{report.pk}/dictations/", told)
    clip = Clip.objects.get()
    assert f"/reports/dictations/{clip.pk}/sound/" in answer.content.decode()
    whole = client.get(f"/reports/dictations/{clip.pk}/sound/")
    assert (whole.status_code, whole.content, whole["Content-Type"]) == (200, wav(), "audio/wav")
    part = client.get(f"/reports/dictations/{clip.pk}/sound/", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, wav()[100:200])
    assert part["Content-Range"] == f"bytes 100-199/{len(wav())}"
    assert client.get(f"/reports/dictations/{clip.pk}/sound/", headers={"Range": "bytes=9999999-"}).status_code == 416
    assert actions_on(report).count("dictation.heard") == 1
    typed(clip, world)
    assert "Typed by Tina Typist from dictation" in client.get(f"/reports/{report.pk}/dictations/").content.decode()
    assert client.post(f"/reports/dictations/{clip.pk}/checked/").status_code == 200
    assert fresh(clip).state == "confirmed"
    assert client.post(f"/reports/{report.pk}/dictations/", told | {"audio": _file(b"GIF89a")}).status_code == 422


def _file(body: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("dictation", body, content_type="audio/webm")


def test_the_sound_goes_after_the_signature_by_the_days_of_the_site(
    world: World, clip: Clip, rule: DictationRule, data_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    DictationRule.objects.update(days_after_signing=2)
    confirm_clip(typed(clip, world), by=world.radiologist)
    assert expire_due() == 0
    sign(fresh(clip.report), world.radiologist)
    now = timezone.now()
    assert expire_due(now + timedelta(days=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert expire_due(now + timedelta(days=2, minutes=1)) == 1
    assert files(data_dir) == []
    assert (fresh(clip).state, fresh(clip).deleted_because) == ("deleted", "signed")
    row = AuditEvent.objects.get(action="dictation.deleted")
    assert (row.actor_id, row.detail["because"]) == ("dictation", "signed")
    assert expire_due(now + timedelta(days=99)) == 0


def test_what_nobody_typed_goes_at_its_age_and_its_author_is_told(world: World, clip: Clip) -> None:
    assert expire_due(timezone.now() + timedelta(days=29)) == 0
    assert expire_due(timezone.now() + timedelta(days=31)) == 1
    assert fresh(clip).deleted_because == "age"
    assert "before it was typed" in Message.objects.get(recipient=world.radiologist).subject


def test_what_was_signed_over_untyped_is_kept_to_its_age_and_its_author_told_once(world: World, clip: Clip) -> None:
    answers, proof = Answers(frozenset(one.key for one in remarks(fresh(clip.report)))), Proof(timezone.now())
    report = fresh(clip.report)
    assert expire_due() == 0
    assert not Message.objects.exists(), "its typist has still time"
    sign_report(report, revision=report.revision, proof=proof, by=world.radiologist, answers=answers)
    now = timezone.now()
    assert expire_due(now + timedelta(minutes=1)) == 0
    with CaptureQueriesContext(connection) as asked:
        assert expire_due(now + timedelta(minutes=1)) == 0
    assert not [one for one in asked if "INSERT" in one["sql"]], "nothing is written over and over"
    (told,) = Message.objects.filter(recipient=world.radiologist)
    assert told.subject == "A report was signed without a dictation of yours"
    assert (told.link, fresh(clip).deleted_at) == (f"/reading/{report.task_id}/", None)
    assert expire_due(now + timedelta(days=31)) == 1
    assert fresh(clip).deleted_because == "age"


def test_a_file_that_never_got_its_row_is_swept(data_dir: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = keeping.keep(wav())
    expire_due()
    assert len(files(data_dir)) == 2, "it is young: its row may be on the way"
    monkeypatch.setattr(keeping, "YOUNG", -1)
    expire_due()
    assert [path.name for path in files(data_dir)] == [clip.file] != [lost]


def test_a_report_that_waits_for_its_release_keeps_its_sound(world: World, clip: Clip) -> None:
    from reporting.delay.record import PublishDelay

    PublishDelay.objects.create(site=world.north, minutes=5)
    confirm_clip(typed(clip, world), by=world.radiologist)
    sign(fresh(clip.report), world.radiologist)
    assert expire_due(timezone.now() + timedelta(minutes=1)) == 0


def test_a_typist_of_another_site_sees_nothing(world: World, clip: Clip) -> None:
    Membership.objects.create(user=world.outsider, site=world.south, role="typist")
    client: Client = browser(world.outsider)
    assert f"/{clip.pk}/" not in client.get("/reports/dictations/").content.decode()
    assert client.get(f"/reports/dictations/{clip.pk}/").status_code == 404
    assert client.get(f"/reports/dictations/{clip.pk}/sound/").status_code == 404


def test_a_released_case_keeps_its_dictations_for_the_typist(world: World, report: Report) -> None:
    task = case(world, world.requested(world.order()))
    clip = record_clip(draft(world, task=task), Recording("impression", 4, wav()), by=world.radiologist)
    from worklist.actions.reading import release

    release(fresh(clip.report.task), by=world.radiologist)
    typed(clip, world)
    assert TYPED in fresh(clip.report).content["sections"]["impression"]
