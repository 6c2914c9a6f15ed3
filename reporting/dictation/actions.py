"""Dictating, typing, checking, deleting: each change of a recording.

Locked as everywhere: the case, its report, then the recording.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from reporting import permissions
from reporting.actions.drafts import LONGEST_SECTION
from reporting.actions.holding import locked_draft, locked_report
from reporting.dictation import audio, keeping
from reporting.dictation.record import Clip, DictationRule
from reporting.lifecycle import CLIP, REPORT
from reporting.models import Report
from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.core.texts import fault_of_text
from ris.events import emit
from ris.notifications.actions import notify
from ris.notifications.models import Message
from worklist.actions.reading import note_report

MOST = 50
ENGINE = "Speech recognition"
UNTYPED = "dictation-untyped"
SIGNED = "This report is signed: its dictations are not changed any more."


@dataclass(frozen=True, slots=True)
class Recording:
    """What a browser or a microphone of the house sends. `seconds`: as it says itself."""

    section: str
    seconds: int
    body: bytes


def allows(site_id: int) -> bool:
    """Whether a site keeps recordings."""
    return DictationRule.objects.filter(site=site_id, recording=True).exists()


def record_clip(report: Report, recording: Recording, *, by: User) -> Clip:
    """Keep a recording with the draft of a case that `by` holds.

    Raises NotPermitted, InvalidInput, TransitionError when the report is signed.
    """
    permissions.require_write(by, report.task)
    _require_sound(report, recording)
    name = keeping.keep(recording.body)
    try:
        return _recorded(report, recording, name, by=by)
    except Exception:
        keeping.drop(name)
        raise


def _require_sound(report: Report, recording: Recording) -> None:
    if not allows(report.site_id):
        raise NotPermitted("This site keeps no recordings. Its administrators can switch that on.")
    if recording.section not in {section["key"] for section in report.sections}:
        raise InvalidInput("The recording was not kept.", fields={"section": "The template has no such section."})
    if fault := audio.fault_of(recording.body, recording.seconds):
        raise InvalidInput(f"The recording was not kept. {fault}", fields={"audio": fault})


@transaction.atomic
def _recorded(report: Report, recording: Recording, name: str, *, by: User) -> Clip:
    locked = locked_draft(report, by=by, signed=SIGNED)
    if locked.clips.filter(deleted_at=None).count() >= MOST:
        raise InvalidInput(f"At most {MOST} recordings are kept with a draft. Delete one first.")
    clip = Clip.objects.create(
        report=locked,
        site_id=locked.site_id,
        section=recording.section,
        author=by,
        recorded_at=timezone.now(),
        seconds=recording.seconds,
        content_type=audio.content_type_of(recording.body),
        size=len(recording.body),
        sha256=hashlib.sha256(recording.body).hexdigest(),
        file=name,
    )
    _noted("dictation.recorded", clip, by=by, seconds=clip.seconds)
    if not locked.task.report_state:
        emit("report.drafted", locked, by=by)
    note_report(locked.task, "draft", report_state=locked.state)
    emit("dictation.recorded", locked, by=by, clip=clip.pk)
    return clip


@transaction.atomic
def claim_clip(clip: Clip, *, by: User) -> Clip:
    """Take a recording to type it, also one that its typist left alone; who had it is told.

    Raises NotPermitted, TransitionError while somebody else is typing it.
    """
    locked = _locked(clip)
    _require_typist(locked, by)
    _require_open(locked)
    before = locked.typist if locked.is_taken else None
    if before is not None and not locked.is_left_alone:
        raise TransitionError(f"{before.display} is typing this dictation. Take another one.")
    CLIP.advance(locked, "claim", typist=by, claimed_at=timezone.now())
    _noted("dictation.claimed", locked, by=by, **({"taken_from": before.username} if before else {}))
    if before is not None and before.pk != by.pk:
        _tell_typist(before, locked, f"{by.display} took over the dictation that you had taken to type.")
    return locked


@transaction.atomic
def put_back(clip: Clip, *, by: User) -> Clip:
    """Give a recording back to the queue, untyped: by its typist, or by who dictated it or holds the case."""
    locked = _locked(clip)
    before = locked.typist
    if locked.typist_id != by.pk:
        _require_writer(locked, by)
    CLIP.advance(locked, "put-back", typist=None, claimed_at=None)
    _noted("dictation.put-back", locked, by=by, **({"taken_from": before.username} if before else {}))
    if before is not None and before.pk != by.pk:
        _tell_typist(before, locked, f"{by.display} took back the dictation that you had taken to type.")
    return locked


def _tell_typist(typist: User, clip: Clip, text: str) -> None:
    notify(
        [typist] if typist.is_active else [],
        key=f"dictation-taken/{clip.pk}/{timezone.now():%Y%m%d%H%M%S%f}",
        subject="A dictation is not yours to type any more",
        text=text,
        link=reverse("reporting:dictation-queue"),
        site=clip.site,
    )


@transaction.atomic
def type_clip(clip: Clip, *, text: str, by: User) -> Clip:
    """Put what was typed under what the section says, and give it back to the author to check.

    Raises NotPermitted, InvalidInput, TransitionError when it is not `by`'s to type or the report is signed.
    """
    locked = _locked(clip)
    _require_typist(locked, by)
    if CLIP.within(locked, "taken") and locked.typist_id != by.pk:
        raise NotPermitted("Somebody else is typing this dictation.")
    _require_open(locked)
    _enter(locked, text.replace("\r\n", "\n").strip(), by=by)
    CLIP.advance(locked, "type", typed_by=by.display, typed_at=timezone.now())
    _noted("dictation.typed", locked, by=by)
    emit("dictation.typed", locked.report, by=by, clip=locked.pk)
    _tell_that_it_is_typed(locked)
    return locked


@transaction.atomic
def transcribe_clip(clip: Clip, *, text: str, by: Actor) -> Clip:
    """The same for what a speech engine understood: it is marked as such, and nobody signs it unchecked.

    Raises InvalidInput, TransitionError when somebody took the recording, or the report is signed.
    """
    if not by.may("dictation.transcribe", None):
        raise NotPermitted("Only the engine of the house does this.")
    locked = _locked(clip)
    _require_open(locked)
    _enter(locked, text, by=by)
    CLIP.advance(locked, "transcribe", typed_by=ENGINE, typed_at=timezone.now())
    _noted("dictation.transcribed", locked, by=by)
    emit("dictation.typed", locked.report, by=by, clip=locked.pk)
    _tell_that_it_is_typed(locked)
    return locked


def _enter(clip: Clip, text: str, *, by: Actor) -> None:
    report = clip.report
    before = str(report.content["sections"].get(clip.section, "")).rstrip()
    whole = "\n".join(part for part in (before, text) if part)
    fault = fault_of_text(whole, longest=LONGEST_SECTION) if text else "Type what was dictated, or put it back."
    if fault:
        raise InvalidInput("It was not sent.", fields={"text": fault})
    content: dict[str, Any] = {
        **report.content,
        "sections": report.content["sections"] | {clip.section: whole},
    }
    saved = {"saved_at": timezone.now(), "saved_by_id": str(by.id)}
    REPORT.advance(report, "save", content=content, revision=report.revision + 1, **saved)


def _tell_that_it_is_typed(clip: Clip) -> None:
    text = f"{clip.typed_by} typed your dictation of {clip.title}. Check it, then sign."
    _tell_author(clip, "dictation", "A dictation was typed", text)


def _tell_author(clip: Clip, about: str, subject: str, text: str) -> None:
    notify(
        [clip.author],
        key=f"{about}/{clip.pk}",
        subject=subject,
        text=text,
        link=reverse("viewer:reading-room", args=[clip.report.task_id]),
        site=clip.site,
    )


@transaction.atomic
def confirm_clip(clip: Clip, *, by: User) -> Clip:
    """Whoever holds the case has read what was typed, and stands for it."""
    locked = _locked(clip)
    permissions.require_write(by, locked.report.task)
    _require_open(locked)
    CLIP.advance(locked, "confirm")
    _noted("dictation.checked", locked, by=by)
    return locked


@transaction.atomic
def delete_clip(clip: Clip, *, by: User) -> Clip:
    """Delete the sound of a recording of one's own case; what was typed from it stays, and stays to be checked."""
    locked = _locked(clip)
    _require_writer(locked, by)
    return _deleted(locked, "author", by=by)


@transaction.atomic
def expire_clip(clip: Clip, *, because: str, by: Actor) -> Clip | None:
    """The policy of the site: "signed" or "age". None when it was deleted meanwhile."""
    if not by.may("dictation.expire", None):
        raise NotPermitted("Recordings are deleted by their author, or by the policy of the site.")
    locked = _locked(clip)
    if locked.deleted_at is not None:
        return None
    if CLIP.within(locked, "queue") and because == "age":
        _tell_that_it_is_gone(locked)
    return _deleted(locked, because, by=by)


def not_told_of(clips: Iterable[Clip]) -> list[Clip]:
    """Those of which nobody was told yet that they were left untyped."""
    keys = {f"{UNTYPED}/{clip.pk}/{clip.author_id}": clip for clip in clips}
    told = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
    return [clip for key, clip in keys.items() if key not in told]


def tell_that_it_is_untyped(clip: Clip) -> None:
    """Once: its report was signed without it."""
    text = f"Your dictation of {clip.title} was typed by nobody before the report was signed. Listen to it again."
    _tell_author(clip, UNTYPED, "A report was signed without a dictation of yours", text)


def _tell_that_it_is_gone(clip: Clip) -> None:
    text = f"Your dictation of {clip.title} waited longer than your site keeps recordings."
    _tell_author(clip, "dictation-gone", "A dictation was deleted before it was typed", text)


def _deleted(clip: Clip, because: str, *, by: Actor) -> Clip:
    if clip.deleted_at is not None:
        raise TransitionError("This recording was deleted before.")
    CLIP.advance(clip, "delete", deleted_at=timezone.now(), deleted_because=because)
    _noted("dictation.deleted", clip, by=by, because=because)
    transaction.on_commit(lambda: keeping.drop(clip.file))
    return clip


def hear(clip: Clip, *, by: User) -> bytes:
    """The sound, for those who write at the site and for the typist who took it. The first byte of it is audited."""
    if clip.typist_id != by.pk and not by.may("report.write", clip.site_id):
        raise NotPermitted("Take this dictation first, then listen to it.")
    return keeping.read(clip.file, clip.sha256)


def _locked(clip: Clip) -> Clip:
    report = locked_report(Report.objects.get(pk=clip.report_id))
    locked = Clip.objects.select_for_update(of=("self",)).select_related("author", "site", "typist").get(pk=clip.pk)
    locked.report = report
    return locked


def _require_typist(clip: Clip, by: User) -> None:
    if not by.may("report.transcribe", clip.site_id):
        raise NotPermitted("Dictations are typed by the typists of this site.")


def _require_writer(clip: Clip, by: User) -> None:
    if clip.author_id != by.pk:
        permissions.require_write(by, clip.report.task)
    elif not by.may("report.write", clip.site_id):
        raise NotPermitted("Recordings are for those who write reports at this site.")


def _require_open(clip: Clip) -> None:
    if not REPORT.allows(clip.report, "save"):
        raise TransitionError(SIGNED)


def _noted(action: str, clip: Clip, *, by: Actor, **detail: Any) -> None:
    audit.record(action, clip.report, by=by, patient=clip.report.task.patient_id, clip=clip.pk, **detail)
