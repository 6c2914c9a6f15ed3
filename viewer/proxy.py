"""The DICOMweb door of the browser and of scripts: /viewer/dicom-web/… (security.md §2, rules 1 to 6)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from viewer import actions, doorway, grants, passes, permit, retrieval, stow, warm_up
from viewer.doorway import Stopped, Visitor
from viewer.grammar import Dicomweb, Endpoint, Refusal, parse
from viewer.grants import Grant
from viewer.offers import is_acceptable
from viewer.refusals import guarded, refusal
from viewer.retrieval import ROOT, Asked
from viewer.turnstile import CrowdedError
from viewer.upstream import UpstreamError, upstream


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor and their grammatical request."""

    who: Visitor
    asked: Dicomweb
    takes_gzip: bool = False


@csrf_exempt
async def dicomweb(request: HttpRequest, rest: str) -> HttpResponseBase:
    """One request: known visitor, grammatical, granted, then answered; anything else is refused in our words.

    `rest` only routes: it is decoded, and what is decoded is not what was asked.
    """
    who = await doorway.visitor(request)
    if isinstance(who, Stopped):
        return await _stopped(who)
    asked = parse(request.method or "", *raw_parts(request))
    if isinstance(asked, Refusal):
        if asked.alarm:
            await sync_to_async(_tell_of)(who, asked)
        return refusal(asked.status)
    if warm_up.is_for(asked):
        return warm_up.answer(asked)
    if asked.endpoint is Endpoint.STORE:  # answered in JSON, whatever form the client would like its references in
        return await _store(request, who, asked.study)
    if not is_acceptable(request.headers.get("Accept", "")):
        return refusal(406)
    return await _retrieve(Visit(who, asked, "gzip" in request.headers.get("Accept-Encoding", "").lower()))


@csrf_exempt
async def frame_permit(request: HttpRequest) -> HttpResponseBase:
    """nginx asks whether the frame in X-Original-URI may be seen: 204 with where it lies, or 403.

    After a 403 nginx sends the browser's request here the long way, which says in words what is wrong.
    """
    if settings.PIXELS != "nginx":
        return refusal(404)
    who = await doorway.visitor(request)
    path = request.headers.get("X-Original-URI", "").encode("latin-1", "replace").removeprefix(f"{ROOT}/".encode())
    asked = parse("GET", path, b"")
    if isinstance(who, Stopped) or not isinstance(asked, Dicomweb) or asked.endpoint is not Endpoint.FRAMES:
        return refusal(403)
    if not is_acceptable(request.headers.get("Accept", "")):
        return refusal(403)
    found = await sync_to_async(_admit)(Visit(who, asked))
    facts = None if isinstance(found, int) else await permit.facts(upstream(), asked, found[asked.study], who.user.pk)
    return refusal(403) if facts is None else guarded(HttpResponse(status=204, headers=facts))


def raw_parts(request: HttpRequest) -> tuple[bytes, bytes]:
    """Path after the proxy's root and query, as the bytes that came over the wire."""
    scope = getattr(request, "scope", {})
    path = scope.get("raw_path") or quote_from_bytes(request.path.encode()).encode()
    query = scope.get("query_string") or request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    root = f"{ROOT}/".encode()
    return (path.removeprefix(root) if path.startswith(root) else b"\xff"), query


async def _store(request: HttpRequest, who: Visitor, study: str) -> HttpResponse:
    """One store of a person at a time; too many are turned away (429).

    A client that leaves ends no store that is under way: until its thread is done, its place is taken.
    """
    link = upstream()
    try:
        ticket = await link.stores.enter(who.user.pk)
    except CrowdedError:
        return await _crowded(who, study)
    try:
        await link.storing.acquire()
    except BaseException:
        ticket.give_back()
        raise
    running = asyncio.ensure_future(sync_to_async(stow.store)(request, who, study))

    def over(_done: object) -> None:
        link.storing.release()
        ticket.give_back()

    running.add_done_callback(over)
    return await asyncio.shield(running)


async def _crowded(who: Visitor, study: str) -> HttpResponse:
    await _alarm(who, "more requests at once than one person may send", study)
    return refusal(429)


async def _retrieve(visit: Visit) -> HttpResponseBase:
    found = await sync_to_async(_admit)(visit)
    if isinstance(found, int):
        return refusal(found)
    link = upstream()
    try:
        ticket = await link.turnstile.enter(visit.who.user.pk)
    except CrowdedError:
        return await _crowded(visit.who, next(iter(visit.asked.studies), ""))

    async def alarm(reason: str) -> None:
        await _alarm(visit.who, reason, ",".join(sorted(found)))

    hide = not visit.who.is_program
    asked = Asked(visit.asked, found, link, ticket, hide_key_objects=hide, takes_gzip=visit.takes_gzip, alarm=alarm)
    streaming = False
    try:
        response = await retrieval.answer(asked)
        streaming = response.streaming
        if retrieval.may_be_document(visit.asked, response):
            await sync_to_async(actions.note_document)(
                visit.asked.instance, session=visit.who.session, by=visit.who.user
            )
    except UpstreamError as error:
        return refusal(error.status)
    finally:
        if not streaming:
            ticket.give_back()
    return response


def _admit(visit: Visit) -> Mapping[str, Grant] | int:
    """The grants that this request needs, all of them, or the status of its refusal. Access is audited."""
    who, asked = visit.who, visit.asked
    if asked.studies:
        found: Mapping[str, Grant] | None = grants.find(who.user, who.session, asked.studies)
    else:
        found = grants.of_patient(who.user, asked.query.patient_id or "")
    if found is None:
        actions.alarm("a patient none of whose studies is granted", session=who.session, by=who.user)
        return 400
    if any(uid not in found for uid in asked.studies):
        actions.alarm("a study that is not granted", session=who.session, by=who.user, study_uid=asked.studies[0])
        return 404
    if asked.endpoint is not Endpoint.STUDIES:
        actions.note_access(found.values(), session=who.session, by=who.user)
        for grant in found.values():
            passes.issue(who.key, who.user.pk, grant)
    return found


def _tell_of(who: Visitor, refused: Refusal) -> None:
    """An alert, unless it was only about studies that are theirs."""
    granted = grants.find(who.user, who.session, filter(None, refused.named))
    strays = [uid for uid in refused.named if uid not in granted]
    if strays or not refused.named:
        uid = max(strays, default="")  # rather a study than nothing
        actions.alarm(refused.reason, session=who.session, by=who.user, study_uid=uid)


async def _stopped(who: Stopped) -> HttpResponse:
    if who.user is not None:
        await sync_to_async(actions.alarm)(who.reason, session=who.session, by=who.user)
    return refusal(who.status)


async def _alarm(who: Visitor, reason: str, study_uid: str = "") -> None:
    await sync_to_async(actions.alarm)(reason, session=who.session, by=who.user, study_uid=study_uid[:64])
