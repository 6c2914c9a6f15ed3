"""What the viewer does that must be remembered: opening, refusing, storing, keeping."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from reporting.handing import note_read, version_at
from reporting.models import ReportVersion
from ris import audit
from ris.accounts.models import User
from ris.core.actors import Actor
from ris.events import emit
from ris.patients.models import Patient
from viewer.beside.lately import note_stored
from viewer.denials import Denials
from viewer.grants import Grant
from viewer.openings import Openings
from viewer.stow_rules import Described
from worklist.models import Study

STORE_KEPT = "viewer.store-kept"  # the subscriber that stores what is kept here

_opened, _documents = Openings(), Openings()
_denials = Denials()


@transaction.atomic
def open_studies(studies: Iterable[Study], *, patient: Patient | None, session: str, by: Actor) -> None:
    """A person opens studies on purpose: each time is an audit row (DICOM 110103)."""
    for study in studies:
        _opened.note_at_commit(session, study.study_instance_uid)
        audit.record("study.opened", study, by=by, patient=patient, study_uid=study.study_instance_uid)


def note_access(grants: Iterable[Grant], *, session: str, by: Actor) -> None:
    """Pixels or metadata are about to leave: audited once per session and study, not per frame.

    Nearly every call has nothing to write, and so opens no transaction: on SQLite each would wait for the one writer.
    Whoever asks for the same while its row is written waits for it: nothing leaves before.
    """
    _denials.settle()
    wanted = [grant for grant in grants if _opened.is_news(session, grant.study_uid)]
    if not wanted:
        return
    with _opened.writing:
        news = [grant for grant in wanted if _opened.is_news(session, grant.study_uid)]
        if news:
            _write_access(news, session, by)


@transaction.atomic
def _write_access(grants: Iterable[Grant], session: str, by: Actor) -> None:
    for grant in grants:
        target = ("worklist.study", str(grant.study_id))
        about: dict[str, Any] = {"study_uid": grant.study_uid, "site_id": grant.site_id, "patient": grant.person_id}
        audit.record("study.opened", target, by=by, **about)
        _opened.note_at_commit(session, grant.study_uid)


def note_document(sop_instance_uid: str, *, session: str, by: User) -> None:
    """A whole object left, or a document to be read: of a report's it is on record that this person has looked at it.

    As often as the opening of a study: once per session and object. What is no report's opens no transaction.
    """
    if not _documents.is_news(session, sop_instance_uid) or (version := version_at(sop_instance_uid)) is None:
        return
    with _documents.writing:
        if _documents.is_news(session, sop_instance_uid):
            _write_document(version, (session, sop_instance_uid), by)


@transaction.atomic
def _write_document(version: ReportVersion, key: tuple[str, str], by: User) -> None:
    note_read(version, by=by)
    _documents.note_at_commit(*key)


def alarm(reason: str, *, session: str, by: Actor, study_uid: str = "") -> None:
    """A security alert (DICOM 110113); the same again within a minute is counted, and the number written then."""
    _denials.note(reason, session=session, by=by, study_uid=study_uid)


def settle_denials() -> None:
    """The server ends: what was counted is written."""
    _denials.settle(everything=True)


def object_stored(grant: Grant, objects: Sequence[Described], *, by: Actor) -> None:
    """The archive provably holds these objects of a person; whoever reads the study is told."""
    study = Study.objects.get(pk=grant.study_id)
    kept_object_stored(study, [one.sop_instance_uid for one in objects], by=by)


@transaction.atomic
def kept_object_stored(study: Study, sop_uids: Sequence[str], *, by: Actor) -> None:
    """The same for an object that was kept here until the archive took it."""
    uid = study.study_instance_uid
    audit.record("object.stored", study, by=by, study_uid=uid, sop_uids=list(sop_uids))
    emit("object.stored", study, by=by, study_uid=uid, sop_uids=list(sop_uids))
    note_stored(uid, sop_uids)


@transaction.atomic
def object_kept(
    grant: Grant, objects: Sequence[Described], *, sha256: str, by: Actor, dress_for: dict[str, bool] | None = None
) -> None:
    """The archive did not take it, so it is kept here; the delivery of this event stores it later.

    `dress_for` of what is kept as it came ({"is_person": whether a person measured}): `by` is not written into it yet.
    """
    study = Study.objects.get(pk=grant.study_id)
    sop_uids = [one.sop_instance_uid for one in objects]
    audit.record("object.kept", study, by=by, outcome="failure", study_uid=grant.study_uid, sop_uids=sop_uids)
    shown: dict[str, Any] = {"modality": objects[0].modality, "points_at": list(objects[0].points_at)}
    if dress_for is not None:
        shown["dress_for"] = dress_for
    emit("object.kept", study, by=by, study_uid=grant.study_uid, sop_uids=sop_uids, sha256=sha256, **shown)
