"""STOW through the viewer (PS3.18 §10.5): nothing reaches the archive before all rules hold, nothing is lost after.

What fails all the same leaves the others of its request alone, and is named in the answer.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ris.core.identifiers import is_uid
from ris.dicom.archive import ArchiveError, get_archive, store_verified
from ris.dicom.sandbox import SandboxRefused
from viewer import actions, grants, kept, kept_again, storing
from viewer.doorway import Visitor
from viewer.grants import Grant
from viewer.multipart import BodyError, parts
from viewer.refusals import refusal
from viewer.storing import HOPELESS, RefusedError
from viewer.stow_answers import Outcome, refused
from viewer.stow_rules import UNREADABLE, Described, Fault, named_study

Pair = tuple[Described, bytes]


def store(request: HttpRequest, who: Visitor, path_study: str) -> HttpResponse:
    """Check every object, then store all; `path_study` is the study of the address, or empty.

    200 with the references when the archive provably holds them, 202 when it holds some; 503 when they are kept here.
    """
    tried, objects = path_study, list[Described]()
    try:
        bodies = parts(_content_type(request), _body(request))
        objects = [storing.described(one) for one in bodies]
        tried = _stray(objects, path_study)
        grant = _grant(who, objects, path_study)
        storing.check(objects, study_uid=grant.study_uid, patient_id=grant.patient_id)
        return _checked(who, grant, list(zip(objects, bodies, strict=True)))
    except BodyError as error:
        return refusal(error.status, error.reason)
    except RefusedError as error:
        if error.fault.status != 503:  # that is our own want of time
            actions.alarm(error.fault.reason, session=who.session, by=who.user, study_uid=tried)
        return refused(error.fault, objects)


def _stray(objects: list[Described], path_study: str) -> str:
    """The study that an alert should name: that of the objects where it is another than the address says."""
    named = (one.study_instance_uid for one in objects if is_uid(one.study_instance_uid))
    return next((uid for uid in named if uid != path_study), path_study)


def _content_type(request: HttpRequest) -> str:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise BodyError(415, "Compressed bodies are not taken.")
    return request.headers.get("Content-Type", "")


def _body(request: HttpRequest) -> bytes:
    """The body up to STOW_MAX_BYTES; Django's own limit is for forms."""
    limit = int(settings.STOW_MAX_BYTES)
    body = request.read(limit + 1)
    if len(body) > limit:
        raise BodyError(413, f"At most {limit // 1024**2} MB can be sent at once.")
    return body


def _grant(who: Visitor, objects: list[Described], path_study: str) -> Grant:
    """The one granted study that all objects name. An unknown study and one of somebody else look the same."""
    study = named_study(objects)
    if isinstance(study, Fault):
        raise RefusedError(study)
    grant = grants.find(who.user, who.session, [study]).get(study)
    if grant is None or path_study not in {"", study}:
        raise RefusedError(Fault(404 if grant is None else 409, "The objects name a study that is not granted."))
    if not grant.may_store:
        raise RefusedError(Fault(403, "Measurements are stored by those who read the study, once it is matched."))
    return grant


def _checked(who: Visitor, grant: Grant, pairs: list[Pair]) -> HttpResponse:
    """Store what also passes at the archive; when the archive cannot be asked, keep it for later."""
    there, archived = frozenset[str](), None
    try:
        there = storing.check_at_archive([one for one, _body in pairs], study_uid=grant.study_uid)
        archived = storing.identity(grant.study_uid)
    except ArchiveError as error:
        if error.permanent:
            return refusal(409, "The study cannot take objects now.")
    try:
        pairs = _dressed(who, pairs, archived or {})
    except RefusedError as error:
        if error.fault.status != 503:
            raise
        return _all_kept(who, grant, pairs, dress_for={"is_person": not who.is_program})
    try:
        for _one, body in (pair for pair in pairs if pair[0].sop_instance_uid in there):
            storing.check_same(body)
    except ArchiveError:
        archived = None
    return _all_kept(who, grant, pairs) if archived is None else _stored(who, grant, pairs)


def _stored(who: Visitor, grant: Grant, pairs: list[Pair]) -> HttpResponse:
    found = Outcome()
    for at, pair in enumerate(pairs):
        try:
            _store(who, grant, pair, found)
        except ArchiveError:  # it is away: nothing more is tried
            for one in pairs[at:]:
                _keep(who, grant, one, found)
            break
    return found.answer()


def _store(who: Visitor, grant: Grant, pair: Pair, found: Outcome) -> None:
    """One object, written down before it is sent; ArchiveError when the archive does not answer as it should."""
    one, body = pair
    sha256 = kept.keep(body)
    try:
        store_verified(get_archive(), body)
    except SandboxRefused as error:
        if error.code not in HOPELESS or _may_be_there(one):
            _keep(who, grant, pair, found)
            return
        found.failed.append((one, Fault(409, error.reason, UNREADABLE)))
    except ArchiveError as error:
        if not error.permanent:
            raise
        found.failed.append((one, storing.ELSE))
    else:
        actions.object_stored(grant, [one], by=who.user)
        found.stored.append(one)
        kept.drop(sha256)
        return
    kept_again.let_go(sha256)


def _may_be_there(one: Described) -> bool:
    """Whether the archive took it, though that is not proven."""
    try:
        return get_archive().locate(one.sop_instance_uid) is not None
    except ArchiveError:
        return True


def _dressed(who: Visitor, pairs: list[Pair], archived: dict[str, Any]) -> list[Pair]:
    """Measured by who sends it, for clinical use, preliminary, and named as the archive names patient and exam."""
    about: dict[str, Any] = {"archived": archived, "observer": who.user.observer_name, "is_person": not who.is_program}
    return [(one, storing.dressed(body, one, **about)) for one, body in pairs]


def _keep(who: Visitor, grant: Grant, pair: Pair, found: Outcome, dress_for: dict[str, bool] | None = None) -> None:
    one, body = pair
    sha256 = kept.keep(body)
    actions.object_kept(grant, [one], sha256=sha256, by=who.user, dress_for=dress_for)
    if not kept.holds(sha256):  # the same bytes were refused, and let go of, before this delivery could be seen
        kept.keep(body)
    found.kept.append(one)


def _all_kept(who: Visitor, grant: Grant, pairs: list[Pair], dress_for: dict[str, bool] | None = None) -> HttpResponse:
    found = Outcome()
    for pair in pairs:
        _keep(who, grant, pair, found, dress_for)
    return found.answer()
