"""What the viewer does when it is told: stores what was kept, and forgets who signed out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils import timezone

from reporting.models import ReportVersion
from ris.accounts.models import User
from ris.core.actors import SystemActor
from ris.dicom.archive import ArchiveError, get_archive, store_verified
from ris.dicom.sandbox import SandboxRefused
from ris.events import subscribe
from ris.events.errors import DeliveryError
from ris.events.models import Event
from viewer import actions, grants, kept, passes, prefetch, storing
from viewer.caching.letting_go import drop_metadata
from viewer.finals import storing as finals
from viewer.storing import RefusedError
from worklist.lifecycle import STUDY
from worklist.models import Study

DELIVERY = SystemActor("delivery")
FETCHED_AFTER = ("study.linked", "exam.series-changed", "study.rehomed")
# A corrected study opens when the archive has told of it once more; one that is still closed then is fetched when read.
OPENS_WITHIN = timedelta(minutes=10)


def store_kept(event: Event) -> None:
    """Give the archive a body that it could not take when it came. Running twice stores it once."""
    sha256 = str(event.payload["sha256"])
    study = Study.objects.get(study_instance_uid=event.payload["study_uid"])
    try:
        body = kept.read(sha256)
    except KeyError:
        _require_stored(event.payload["sop_uids"])
        return
    except ValueError as error:
        raise DeliveryError(str(error), permanent=True) from error
    _require_open(study)
    try:
        one = storing.described(body)
        storing.check_at_archive([one], study_uid=study.study_instance_uid)
        archived = storing.identity(study.study_instance_uid)
        body = storing.dressed(body, one, archived=archived, **_measured_by(event))
        store_verified(get_archive(), body)
    except RefusedError as error:
        raise DeliveryError(error.fault.reason, permanent=error.fault.status != 503) from error
    except ArchiveError as error:
        raise DeliveryError(error.message, permanent=error.permanent) from error
    except SandboxRefused as error:
        raise DeliveryError(error.reason, permanent=error.code != "busy") from error
    actions.kept_object_stored(study, event.payload["sop_uids"], by=DELIVERY)
    kept.drop(sha256)


def _measured_by(event: Event) -> dict[str, Any]:
    """Nobody where who measured was written into it when it came."""
    unwritten = event.payload.get("dress_for")
    if unwritten is None:
        return {"observer": "", "is_person": False}
    return {"observer": User.objects.get(pk=event.actor_id).observer_name, "is_person": unwritten["is_person"]}


def _require_stored(sop_uids: list[str]) -> None:
    """What is not here any more was stored by an earlier run, or with the same object sent again; else it is lost."""
    try:
        missing = [uid for uid in sop_uids if get_archive().locate(uid) is None]
    except ArchiveError as error:
        raise DeliveryError(error.message, permanent=error.permanent) from error
    if missing:
        raise DeliveryError("What was kept is not here any more, and not in the archive either.", permanent=True)


def _require_open(study: Study) -> None:
    """An unlinked or closed study receives nothing, also nothing that came while it was open."""
    if STUDY.within(study, "correcting"):
        raise DeliveryError("The study waits for its patient at the archive.")
    if not STUDY.within(study, "readable") or study.pk not in grants.linked([study]):
        raise DeliveryError("The study was closed or unlinked meanwhile.", permanent=True)


def finalize_measurements(event: Event) -> None:
    """A report, addendum or correction was signed: what was measured for it is final. Running twice stores it once."""
    version = ReportVersion.objects.select_related("report").get(pk=event.payload["version_id"])
    try:
        finals.finalize_measurements(version, by=DELIVERY)
    except ArchiveError as error:
        raise DeliveryError(error.message, permanent=error.permanent) from error
    except SandboxRefused as error:
        raise DeliveryError(error.reason, permanent=error.code != "busy") from error
    if version.kind in finals.FINAL and finals.still_comes(version):
        raise DeliveryError("Measurements of before the signature are not all in the archive, or not read yet.")


def prefetch_study(event: Event) -> None:
    """A study became readable, or is another now: what its reader wants first is fetched, if the archive has time.

    While a study comes in, each of its images makes another of it: only the newest event fetches.
    """
    study = Study.objects.get(pk=event.target_id)
    about = Event.objects.filter(kind__in=FETCHED_AFTER, target_kind=event.target_kind, target_id=event.target_id)
    if about.filter(pk__gt=event.pk).exists():
        return
    if STUDY.within(study, "correcting") and timezone.now() - event.at < OPENS_WITHIN:
        raise DeliveryError("The study is not open yet: the archive is asked once more for its patient.")
    if settings.ARCHIVE_KIND == "orthanc" and STUDY.within(study, "readable"):
        prefetch.fetch(grants.for_the_system(study))


def let_go(event: Event) -> None:
    """Nothing of before stays in the cache: the archive calls a study's objects otherwise now, or a report was
    withdrawn, and nobody is shown what it had stored.
    """
    if event.kind == "report.withdrawn":
        drop_metadata(ReportVersion.objects.get(pk=event.payload["version_id"]).study_instance_uid)
    else:
        drop_metadata(Study.objects.get(pk=event.target_id).study_instance_uid)


def _person_changed(sender: object, instance: User, **_: object) -> None:
    if not instance.is_active:
        passes.revoke_person(instance.pk)


def _signed_out(sender: object, request: HttpRequest, user: object, **_: object) -> None:
    session = getattr(request, "session", None)
    _forget(getattr(session, "session_key", "") or "")


def _session_ended(sender: object, instance: Session, **_: object) -> None:
    _forget(str(instance.pk))


def _forget(session_key: str) -> None:
    grants.forget(session_key)
    passes.revoke(session_key)


def listen() -> None:
    subscribe("object.kept", actions.STORE_KEPT, store_kept)
    for kind in ("report.signed", "report.addended", "report.corrected"):
        subscribe(kind, "viewer.final-measurements", finalize_measurements)
    for kind in ("study.rehomed", "study.blocked", "study.unlinked", "study.series-moved", "report.withdrawn"):
        subscribe(kind, "viewer.let-go", let_go)
    for kind in FETCHED_AFTER:
        subscribe(kind, "viewer.prefetch", prefetch_study)
    post_save.connect(_person_changed, sender=User, dispatch_uid="viewer.passes")
    user_logged_out.connect(_signed_out, dispatch_uid="viewer.grants")
    post_delete.connect(_session_ended, sender=Session, dispatch_uid="viewer.grants")
