"""What the ward has of reports: fields and pictures, a critical finding, one that waits, a key of old."""

from __future__ import annotations

import base64
from io import BytesIO

from django.utils import timezone
from PIL import Image

from reporting.actions.critical import flag
from reporting.delay.record import PublishDelay
from reporting.dictation.actions import Recording, claim_clip, record_clip, type_clip
from reporting.dictation.record import DictationRule
from reporting.keys.record import RefusedPin, SigningKey
from reporting.models import KeyImage, Report
from reporting.prefill import filable
from ris.accounts.models import Membership, User
from tests import exam
from tests.reporting.dictation.sounds import wav
from tests.world import World


def old_key(world: World) -> SigningKey:
    """One that signs nothing any more, and may still be revoked."""
    now = timezone.now()
    return SigningKey.objects.create(
        owner=world.radiologist, state="replaced", valid_from=now, valid_to=now, added_at=now, ended_at=now
    )


def refused_pin() -> RefusedPin:
    """One that a token did not take."""
    return RefusedPin.objects.create(fingerprint="0" * 64, token="house", code="pin-wrong", refused_at=timezone.now())


def held(world: World) -> int:
    """A report that was signed a moment ago and waits for its release."""
    delay = PublishDelay.objects.create(site=world.north, minutes=5)
    version = exam.sign(exam.draft(world), world.radiologist)
    delay.delete()
    return version.report_id


def a_jpeg() -> bytes:
    """A picture that can be printed."""
    target = BytesIO()
    Image.new("L", (8, 8)).save(target, "JPEG")
    return target.getvalue()


def measured(draft: Report) -> dict[str, object]:
    """A field that measurements fill, and a key image with its picture."""
    study = draft.task.studies().get().study_instance_uid
    key_image = KeyImage.objects.create(
        task=draft.task, study_instance_uid=study, sop_instance_uid="2.25.30", origin="viewer", chosen_by_id="1",
        chosen_by_name="Rita", chosen_at=timezone.now(), picture=a_jpeg(), picture_sha256="0" * 64,
    )  # fmt: skip
    return {"measured_field": filable(draft)[0]["key"], "draft_study": study, "key_image": key_image.pk}


def critical(world: World) -> dict[str, object]:
    """A finding that somebody must be told, and the clock on the site's wall."""
    finding = flag(exam.case(world), category=1, finding="Pneumothorax", recipient="Dr. Ward", by=world.radiologist)
    return {"critical": finding.pk, "now_local": f"{finding.flagged_at.astimezone(world.north.zone):%Y-%m-%dT%H:%M}"}


def dictated(world: World) -> dict[str, object]:
    """A dictation that waits, one that the clerk, who types here too, has typed, and one that is hers."""
    DictationRule.objects.create(site=world.north, recording=True)
    Membership.objects.create(user=world.clerk, site=world.north, role="typist")
    clerk = User.objects.get(pk=world.clerk.pk)
    draft = exam.draft(world)
    clip, other, taken = (record_clip(draft, Recording("findings", 1, wav()), by=world.radiologist) for _ in range(3))
    claim_clip(taken, by=clerk)
    type_clip(claim_clip(other, by=clerk), text="Words.", by=clerk)
    sound = base64.b64encode(wav(rate=1000)).decode()
    return {"clip": clip.pk, "typed_clip": other.pk, "taken_clip": taken.pk, "sound": sound}
