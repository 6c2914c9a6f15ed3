"""Key images: pointed out in the viewer or beside it, with a picture of each for the report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting import permissions
from reporting.actions.holding import locked_draft
from reporting.models import KeyImage, Report, StoredObject
from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.core.texts import fault_of_text
from ris.events import emit
from worklist.models import ReadingTask

MOST = 24
"""Of one report; more are a series, not a selection."""

LONGEST_LABEL, LONGEST_UID = 200, 64
SIGNED = "This report is signed. Its key images stay as they were signed."


@dataclass(frozen=True, slots=True)
class Shown:
    """An image as the viewer shows it. `frame` is 0 for the whole object; `presentation` is the viewer's own."""

    study_uid: str
    sop_uid: str
    series_uid: str = ""
    frame: int = 0
    label: str = ""
    presentation: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def choose_key_image(report: Report, shown: Shown, *, by: User) -> KeyImage:
    """Point an image of the case out; once more changes its words and how it is looked at.

    Raises NotPermitted, TransitionError, InvalidInput when it is of another study or there are too many.
    """
    report = locked_draft(report, by=by, signed=SIGNED)
    if not report.task.studies().filter(study_instance_uid=shown.study_uid).exists():
        raise InvalidInput("That image is not of this case.", fields={"image": "Of another study."})
    if fault := fault_of_text(shown.label, longest=LONGEST_LABEL):
        raise InvalidInput("The key image was not kept.", fields={"label": fault})
    return _keep(report.task, shown, origin="report", by=by)


@transaction.atomic
def leave_out_key_image(key_image: KeyImage, *, by: User) -> KeyImage:
    """Not a key image any more, wherever it was pointed out."""
    report = key_image.task.reports.standing().first()
    if report is not None:
        locked_draft(report, by=by, signed=SIGNED)
    locked = KeyImage.objects.select_for_update(of=("self",)).get(pk=key_image.pk)
    locked.left_out = True
    locked.save(update_fields=["left_out"])
    audit.record("key-image.left-out", locked, by=by, patient=locked.task.patient_id)
    return locked


def take_key_images(stored: StoredObject, reading: dict[str, Any], *, by: Actor) -> None:
    """The key images of one stored SR; inside the transaction that keeps it. What a reader left out stays left out."""
    known = set(stored.task.key_images.values_list("sop_instance_uid", "frame"))
    for shown in _pointed_out(stored, reading):
        if (shown.sop_uid, shown.frame) not in known and len(known) < MOST:
            known.add((shown.sop_uid, shown.frame))
            _keep(stored.task, shown, origin="viewer", by=by, observer=stored.observer)


@transaction.atomic
def keep_picture(
    key_image: KeyImage, picture: bytes, *, about: dict[str, str], by: Actor, grid: dict[str, Any] | None = None
) -> KeyImage:
    """The picture that the archive made; `about` says where the image stands: series, class, place.

    `grid`: where its pixels lie (`reporting.publish.grid`), so that what was measured is drawn on it.
    """
    permissions.require_system(by, "report.receive")
    locked = KeyImage.objects.select_for_update(of=("self",)).get(pk=key_image.pk)
    if locked.presentation != key_image.presentation:
        return locked  # looked at otherwise meanwhile: the picture of that is on its way
    locked.picture, locked.picture_sha256 = picture, hashlib.sha256(picture).hexdigest()
    locked.series_instance_uid, locked.sop_class_uid = about["series_uid"], about["sop_class"]
    locked.place, locked.problem, locked.grid = about["place"], "", grid or {}
    if about["frame"] != str(locked.frame):
        locked.frame, locked.left_out = _single(locked)
    locked.save(
        update_fields=[
            "picture",
            "picture_sha256",
            "series_instance_uid",
            "sop_class_uid",
            "place",
            "problem",
            "grid",
            "frame",
            "left_out",
        ]
    )
    return locked


def _single(key_image: KeyImage) -> tuple[int, bool]:
    """The image has one frame only: its first frame is the whole of it, unless that was chosen too."""
    others = KeyImage.objects.filter(task=key_image.task, sop_instance_uid=key_image.sop_instance_uid, frame=0)
    return (key_image.frame, True) if others.exists() else (0, key_image.left_out)


@transaction.atomic
def note_no_picture(key_image: KeyImage, problem: str, *, by: Actor) -> None:
    """Why there is no picture; the image is not printed."""
    permissions.require_system(by, "report.receive")
    KeyImage.objects.filter(pk=key_image.pk).update(problem=problem[:200])


def _keep(task: ReadingTask, shown: Shown, *, origin: str, by: Actor, observer: str = "") -> KeyImage:
    key = {"task": task, "sop_instance_uid": shown.sop_uid, "frame": shown.frame}
    if not KeyImage.objects.filter(**key).exists() and task.key_images.filter(left_out=False).count() >= MOST:
        raise InvalidInput(f"A report has at most {MOST} key images. Leave one out first.")
    chosen = {
        "study_instance_uid": shown.study_uid,
        "label": shown.label,
        "presentation": shown.presentation,
        "origin": origin,
        "chosen_by_id": str(by.id),
        "chosen_by_name": observer or by.display,
        "chosen_at": timezone.now(),
        "left_out": False,
    }
    if shown.presentation:  # looked at otherwise: nobody signs with the picture of before
        others = KeyImage.objects.filter(**key).exclude(presentation=shown.presentation)
        others.update(picture=None, picture_sha256="", problem="")
    else:  # only its words are said anew
        del chosen["presentation"]
    key_image, _made = KeyImage.objects.update_or_create(
        **key, defaults=chosen, create_defaults=chosen | key | {"series_instance_uid": shown.series_uid}
    )
    audit.record("key-image.chosen", key_image, by=by, patient=task.patient_id, study_uid=shown.study_uid)
    emit("key-image.chosen", key_image, by=by, site_id=task.site_id)
    return key_image


def _pointed_out(stored: StoredObject, reading: dict[str, Any]) -> Iterator[Shown]:
    """KeyImage annotations of the viewer; a modality's own selection is listed and chooses nothing."""
    for group in reading.get("groups", []):
        place = group.get("place") or {}
        by_viewer = group.get("tool") == "KeyImage" and group.get("tracking_identifier")
        if by_viewer and 0 < len(place.get("sop_instance_uid") or "") <= LONGEST_UID:
            yield Shown(
                study_uid=stored.study_instance_uid,
                sop_uid=place["sop_instance_uid"],
                series_uid=(place.get("series_instance_uid") or "")[:LONGEST_UID],
                frame=place.get("frame") or 0,
                label=(group.get("label") or "")[:LONGEST_LABEL],
            )
