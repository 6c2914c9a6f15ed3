"""What the viewer does when it is told: stores what was kept, and forgets who signed out."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from ris.core.actors import SystemActor
from ris.dicom.archive import ArchiveError, get_archive, store_verified
from ris.dicom.sandbox import SandboxRefused
from ris.events import subscribe
from ris.events.errors import DeliveryError
from ris.events.models import Event
from viewer import actions, grants, kept, storing
from viewer.storing import RefusedError
from worklist.models import Study

DELIVERY = SystemActor("delivery")


def store_kept(event: Event) -> None:
    """Give the archive a body that it could not take when it came. Running twice stores it once."""
    sha256 = str(event.payload["sha256"])
    study = Study.objects.get(study_instance_uid=event.payload["study_uid"])
    try:
        body = kept.read(sha256)
    except KeyError:
        return  # an earlier run stored it and let go of it
    except ValueError as error:
        raise DeliveryError(str(error), permanent=True) from error
    try:
        storing.check_at_archive([storing.described(body)], study_uid=study.study_instance_uid)
        store_verified(get_archive(), body)
    except RefusedError as error:
        raise DeliveryError(error.fault.reason, permanent=error.fault.status != 503) from error
    except ArchiveError as error:
        raise DeliveryError(error.message, permanent=error.permanent) from error
    except SandboxRefused as error:
        raise DeliveryError(error.reason, permanent=error.code != "busy") from error
    actions.kept_object_stored(study, event.payload["sop_uids"], by=DELIVERY)
    kept.drop(sha256)


def _signed_out(sender: object, request: HttpRequest, user: object, **_: object) -> None:
    session = getattr(request, "session", None)
    grants.forget(getattr(session, "session_key", "") or "")


def listen() -> None:
    subscribe("object.kept", "viewer.store-kept", store_kept)
    user_logged_out.connect(_signed_out, dispatch_uid="viewer.grants")
