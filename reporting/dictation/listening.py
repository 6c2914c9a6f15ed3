"""A recording was made: where the site wants it, the engine of the house listens first. A typist still may."""

from __future__ import annotations

from reporting.dictation import engine, keeping
from reporting.dictation.actions import transcribe_clip
from reporting.dictation.record import Clip, DictationRule
from reporting.lifecycle import CLIP
from ris.core.actors import SystemActor
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotFound, TransitionError
from ris.events.errors import DeliveryError
from ris.events.models import Event

ENGINE = SystemActor("dictation")


def listen(event: Event) -> None:
    """Safe to repeat: what somebody took, typed or deleted meanwhile is left to them."""
    clip = Clip.objects.kept().filter(pk=event.payload["clip"]).first()
    if clip is None or not CLIP.allows(clip, "transcribe") or not wanted(clip.site_id):
        return
    try:
        text = engine.heard(keeping.read(clip.file, clip.sha256), content_type=clip.content_type, name=clip.file)
        if text:
            transcribe_clip(clip, text=text, by=ENGINE)
    except (TransitionError, ConcurrentUpdateError):
        return
    except (NotFound, InvalidInput) as error:
        raise DeliveryError(error.message, permanent=True) from error


def wanted(site_id: int) -> bool:
    return engine.is_set_up() and DictationRule.objects.filter(site=site_id, engine=True).exists()
