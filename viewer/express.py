"""The short way of images: an ASGI layer that answers who was let in a moment ago, without Django's layers.

It knows a GET of one frame, and one of metadata or of a list of one study that is on the shelf. Whatever else it
meets, a doubt above all, goes the long way, where everything is looked at and refused in words. Behind nginx it answers
nginx's question whether a frame may be seen, and where it lies; nginx then fetches it itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from viewer import passes, permit
from viewer.body_limit import Application, Receive, Scope, Send
from viewer.caching import metadata, pixels
from viewer.caching.inventory import Inventory
from viewer.caching.pixels import Frame
from viewer.doorway import OWN_PAGES
from viewer.grammar import Dicomweb, Endpoint, parse
from viewer.offers import is_acceptable
from viewer.passes import Pass
from viewer.refusals import HEADERS
from viewer.turnstile import CrowdedError
from viewer.upstream import Upstream, UpstreamError, upstream

ROOT = b"/viewer/dicom-web/"
Headers = dict[bytes, bytes]
Bytes = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Wanted:
    """One frame, the metadata or the list of one study, and the pass that lets it out."""

    asked: Dicomweb
    held: Pass
    for_nginx: bool = False
    takes_gzip: bool = False


class Express:
    """Answers holders of a pass; everything else passes unchanged."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = wanted_of(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if wanted is None or not await _answered(wanted, send):
            await self._application(scope, receive, send)


def wanted_of(scope: Scope) -> Wanted | None:
    """What is asked, when it may be answered here."""
    asks_permit = scope["path"] == permit.PATH and settings.PIXELS == "nginx"
    if settings.ARCHIVE_KIND != "orthanc":
        return None
    if not asks_permit and not scope["path"].startswith(ROOT.decode()):
        return None
    headers: Headers = dict(scope["headers"])
    raw = headers.get(permit.HEADER, b"") if asks_permit else scope.get("raw_path", b"")
    if not raw.startswith(ROOT) or not _is_plain(scope, headers):
        return None
    asked = parse("GET", raw.removeprefix(ROOT), scope["query_string"])
    if not isinstance(asked, Dicomweb) or not _is_short(asked, frames_only=asks_permit):
        return None
    held = _pass_of(headers, asked.studies[0])
    if held and asked.series in held.grant.hidden:
        return None
    return Wanted(asked, held, asks_permit, b"gzip" in headers.get(b"accept-encoding", b"")) if held else None


def _is_short(asked: Dicomweb, *, frames_only: bool) -> bool:
    if asked.endpoint is Endpoint.FRAMES:
        return "," not in asked.detail
    return metadata.is_cached(asked) and not frames_only


def _is_plain(scope: Scope, headers: Headers) -> bool:
    """Nothing about the request needs a second look: our host, our own page, an answer that is offered."""
    if settings.SECURE_SSL_REDIRECT and not _is_secure(scope, headers):
        return False
    own_page = headers.get(b"sec-fetch-site", b"").decode("latin-1") in OWN_PAGES
    return (
        own_page
        and _is_our_host(headers.get(b"host", b"").decode("latin-1"))
        and is_acceptable(headers.get(b"accept", b"").decode("latin-1"))
    )


def _is_secure(scope: Scope, headers: Headers) -> bool:
    trusted = settings.SECURE_PROXY_SSL_HEADER is not None
    return scope.get("scheme") == "https" or (trusted and headers.get(b"x-forwarded-proto") == b"https")


def _is_our_host(host: str) -> bool:
    return _is_allowed(host, tuple(settings.ALLOWED_HOSTS))


@lru_cache(maxsize=256)
def _is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, list(allowed))


def _pass_of(headers: Headers, study: str) -> Pass | None:
    authorization = headers.get(b"authorization", b"").decode("latin-1")
    if authorization[:6].lower() == "token ":
        return passes.find(passes.key_of_program(authorization), study)
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    session = cookies.get(settings.SESSION_COOKIE_NAME, "")
    return passes.find(passes.key_of_session(session), study) if session else None


async def _answered(wanted: Wanted, send: Send) -> bool:
    """False when this frame has to go the long way."""
    link = upstream()
    try:
        ticket = await link.turnstile.enter(wanted.held.user_id)
    except CrowdedError:
        return False
    try:
        inventory = await _inventory(link, wanted)
        return inventory is not None and await _answer(link, wanted, inventory, send)
    except UpstreamError:
        return False
    finally:
        ticket.give_back()


async def _inventory(link: Upstream, wanted: Wanted) -> Inventory | None:
    grant = wanted.held.grant
    lately = link.inventories.lately(grant.patient_id, grant.study_uid)
    return lately or await link.inventories.of(link, grant.patient_id, grant.study_uid)


async def _answer(link: Upstream, wanted: Wanted, inventory: Inventory, send: Send) -> bool:
    asked = wanted.asked
    if metadata.is_cached(asked):
        return await _sent_metadata(wanted, inventory, send)
    place = pixels.place_of(inventory, asked.series, asked.instance, int(asked.detail))
    if place is None:
        return False
    if wanted.for_nginx:
        found = await permit.headers_of(link, place, wanted.held.user_id)
        return found is not None and await _sent(send, 204, found, ())
    frame = await pixels.small(link, place)
    return frame is not None and await _sent_frame(send, frame)


async def _sent_metadata(wanted: Wanted, inventory: Inventory, send: Send) -> bool:
    held = wanted.held
    name = metadata.name_of(inventory, wanted.asked, held.grant, key_objects=held.is_program)
    kept = await metadata.find(name, compressed=wanted.takes_gzip)
    if kept is None:
        return False
    headers = {"Content-Type": "application/dicom+json", "Content-Length": str(len(kept.body))}
    if kept.compressed:
        headers["Content-Encoding"] = "gzip"
    return await _sent(send, 200, headers, (kept.body,))


async def _sent_frame(send: Send, frame: Frame) -> bool:
    start = pixels.opening(frame.syntax, len(frame.body))
    parts = (start, frame.body, pixels.CLOSING)
    length = str(sum(map(len, parts)))
    headers = {"Content-Type": pixels.content_type(frame.syntax), "Content-Length": length}
    return await _sent(send, 200, headers, parts)


async def _sent(send: Send, status: int, headers: dict[str, str], parts: Sequence[Bytes]) -> bool:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in (HEADERS | headers).items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    *before, last = parts or (b"",)
    for part in before:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": last})
    return True
