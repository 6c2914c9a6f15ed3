"""Granted requests, answered from the archive: QIDO and metadata checked, pixels streamed, PDF as PDF."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.message import Message

import aiohttp
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from reporting.handing import as_it_stands
from viewer import answers
from viewer.caching import metadata, pixels
from viewer.caching.inventory import Inventory
from viewer.caching.pixels import Frame, Place
from viewer.grammar import Dicomweb, Endpoint, upstream_path, upstream_query
from viewer.grants import Grant
from viewer.multipart import BodyError, split
from viewer.refusals import guarded, refusal
from viewer.turnstile import Turnstile
from viewer.upstream import Stream, Upstream, UpstreamError, whole

ROOT = "/viewer/dicom-web"
DICOM_JSON = "application/dicom+json"
JPEG = "image/jpeg"
PDF = "application/pdf"
PIXELS = "multipart/related; type=application/octet-stream; transfer-syntax=*"
BULK = "multipart/related; type=application/octet-stream"
PART10 = 'multipart/related; type="application/dicom"; transfer-syntax=*'
PDF_MAX = 64 * 1024 * 1024
JSON_TYPES = frozenset({DICOM_JSON, "application/json"})
MULTIPART = frozenset({"multipart/related"})
CONTENT_TYPE = re.compile(r"[ -~]{1,400}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A grammatical request with its grants, the way to the archive, and the place taken at the turnstile."""

    request: Dicomweb
    grants: Mapping[str, Grant]
    upstream: Upstream
    ticket: Turnstile.Ticket
    hide_key_objects: bool = False
    takes_gzip: bool = False
    alarm: Callable[[str], Awaitable[None]] | None = None

    async def inventory(self) -> Inventory | None:
        """What the archive has of the study that is named now; None where it does not tell."""
        grant = self.grant
        if grant is None or settings.ARCHIVE_KIND != "orthanc":
            return None
        return await self.upstream.inventories.of(self.upstream, grant.patient_id, grant.study_uid)

    @property
    def grant(self) -> Grant | None:
        """Of the one study that is named."""
        named = self.request.studies
        return self.grants.get(named[0]) if len(named) == 1 else None

    @property
    def hidden(self) -> frozenset[str]:
        """Series that nobody is shown."""
        return frozenset().union(*(grant.hidden for grant in self.grants.values()))

    @property
    def known(self) -> dict[str, answers.Granted]:
        return {uid: grant.known for uid, grant in self.grants.items()}


async def answer(asked: Asked) -> HttpResponseBase:
    """The response to a granted request; UpstreamError when the archive fails."""
    endpoint = asked.request.endpoint
    if asked.request.series in asked.hidden:
        return refusal(404)
    if endpoint is Endpoint.FRAMES:
        return await _frames(asked)
    if metadata.is_cached(asked.request):
        return await _metadata(asked)
    if endpoint in _STREAMED:
        return await _streamed(asked, *_STREAMED[endpoint])
    if endpoint is Endpoint.INSTANCE_RENDERED:
        return await _rendered(asked)
    return await _checked(asked)


def may_be_document(asked: Dicomweb, response: HttpResponseBase) -> bool:
    """Whether what leaves may be a report's document: a PDF to be read, a whole object or a part of one; no frame."""
    if response.status_code != 200 or asked.endpoint not in _DOCUMENTS:
        return False
    return asked.endpoint is not Endpoint.INSTANCE_RENDERED or response.headers.get("Content-Type") == PDF


async def _get(asked: Asked, path: str, query: str, accept: str) -> aiohttp.ClientResponse:
    """A 200 or 204 of the archive; other answers become UpstreamError with the status that the client is told."""
    response = await asked.upstream.get(path, query, accept)
    if response.status in {200, 204}:
        return response
    response.close()
    unknown = response.status in {400, 404, 406, 409, 410, 415}
    raise UpstreamError(404 if unknown else 503 if response.status == 503 else 502)


def _typed(response: aiohttp.ClientResponse, allowed: frozenset[str]) -> str:
    """The Content-Type when it is one that this endpoint may have, else UpstreamError 502."""
    given = response.headers.get("Content-Type", "")
    if given.split(";")[0].strip().lower() not in allowed or not CONTENT_TYPE.fullmatch(given):
        response.close()
        raise UpstreamError(502)
    return given


async def _rows(asked: Asked, path: str, query: str) -> list[answers.Row]:
    """DICOM JSON rows of granted studies only; others raise an alarm."""
    response = await _get(asked, path, query, DICOM_JSON)
    if response.status == 204:
        response.release()
        return []
    _typed(response, JSON_TYPES)
    body = await whole(response)
    try:
        rows = await sync_to_async(answers.read_rows, thread_sensitive=False)(body)
    except answers.MalformedAnswerError as error:
        raise UpstreamError(502) from error
    rows = answers.without_series(rows, asked.hidden)
    checked = answers.check(rows, asked.known)
    if checked.foreign and asked.alarm is not None:
        await asked.alarm("the archive answered with a study that was not asked for")
    return checked.rows


async def _metadata(asked: Asked) -> HttpResponse:
    """From the shelf while the study has the same files; else asked, checked and put there."""
    inventory, grant = await asked.inventory(), asked.grant
    if inventory is None or grant is None:
        return await _checked(asked)
    name = metadata.name_of(inventory, asked.request, grant, key_objects=not asked.hide_key_objects)
    kept = await metadata.find(name, compressed=asked.takes_gzip)
    if kept is None:
        found = await _checked(asked)
        if found.status_code != 200:
            return found
        kept = await metadata.keep(name, found.content, compressed=asked.takes_gzip)
    response = HttpResponse(kept.body, content_type=DICOM_JSON)
    if kept.compressed:
        response.headers["Content-Encoding"] = "gzip"
    return guarded(response)


async def _frames(asked: Asked) -> HttpResponseBase:
    """One frame as it is stored; several, and those of another archive, as the archive's DICOMweb sends them."""
    inventory = None if "," in asked.request.detail else await asked.inventory()
    request = asked.request
    place = pixels.place_of(inventory, request.series, request.instance, int(request.detail)) if inventory else None
    frame = await pixels.any_size(asked.upstream, place, asked.ticket) if place else None
    if frame is None:
        return await _streamed(asked, *_STREAMED[Endpoint.FRAMES])
    kind = pixels.content_type(frame.syntax)
    if isinstance(frame, Frame):
        start = pixels.opening(frame.syntax, len(frame.body))
        return guarded(HttpResponse(b"".join((start, frame.body, pixels.CLOSING)), content_type=kind))
    passed = StreamingHttpResponse(frame, content_type=kind)
    passed.headers["Content-Length"] = str(frame.total)
    return guarded(passed)


async def _checked(asked: Asked) -> HttpResponse:
    request = asked.request
    is_search = request.endpoint is Endpoint.STUDIES
    studies = sorted(asked.grants) if is_search else ()
    if is_search and not studies:
        return _as_json([])  # a question for no study would ask the archive for all of them
    rows = await _rows(asked, upstream_path(request), upstream_query(request, studies))
    if is_search:
        rows = answers.described(rows, asked.known)
    elif not rows and request.endpoint in _NEVER_EMPTY:
        return refusal(404)
    if asked.hide_key_objects and request.endpoint in _LISTS_OBJECTS:
        rows = answers.without_key_objects(rows)
    return _as_json(answers.localised(rows, ROOT))


def _as_json(rows: list[answers.Row]) -> HttpResponse:
    body = json.dumps(rows, separators=(",", ":")).encode()
    return guarded(HttpResponse(body, content_type=DICOM_JSON))


async def _streamed(asked: Asked, accept: str, allowed: frozenset[str]) -> HttpResponseBase:
    path = upstream_path(asked.request)
    response = await _get(asked, path, "", accept)
    return await _passed_on(asked, response, _typed(response, allowed))


async def _passed_on(asked: Asked, response: aiohttp.ClientResponse, content_type: str) -> HttpResponseBase:
    stream = await Stream.begin(response, asked.ticket)
    passed = StreamingHttpResponse(stream, content_type=content_type)
    length = response.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit():
        passed.headers["Content-Length"] = length
    return guarded(passed)


async def _rendered(asked: Asked) -> HttpResponseBase:
    """A JPEG of an image; the document of an Encapsulated PDF, which OHIF asks for at the same address, to be read.

    A report that counts no more is read with the word on each page; its bytes are the instance's own.
    """
    request = asked.request
    stored = await _stored(asked)
    kept = await pixels.picture(stored) if stored else None
    if kept is not None:
        return guarded(HttpResponse(kept, content_type=JPEG))
    place = f"/studies/{request.study}/series/{request.series}/instances/{request.instance}"
    rows = await _rows(asked, f"{place}/metadata", "")
    if len(rows) != 1:
        return refusal(404)
    if answers.value(rows[0], answers.SOP_CLASS) != answers.PDF_CLASS:
        return await _pictured(asked, stored)
    length = answers.value(rows[0], answers.DOCUMENT_LENGTH)
    document = await _document(asked, f"{place}/bulk/00420011")
    whole_one = document[: int(length)] if length.isdecimal() else document
    return _pdf(await sync_to_async(as_it_stands)(request.instance, whole_one))


async def _stored(asked: Asked) -> Place | None:
    """The file of the instance that is named, where the archive tells of it."""
    inventory, request = await asked.inventory(), asked.request
    return pixels.place_of(inventory, request.series, request.instance, 1) if inventory else None


async def _pictured(asked: Asked, stored: Place | None) -> HttpResponseBase:
    """The archive's JPEG of an image, kept for the next who asks."""
    response = await _get(asked, upstream_path(asked.request), "", JPEG)
    kind = _typed(response, frozenset({JPEG}))
    if stored is None or not 0 < pixels.length_of(response) <= pixels.WHOLE_MAX:
        return await _passed_on(asked, response, kind)
    body = await whole(response, pixels.WHOLE_MAX)
    await pixels.keep_picture(stored, body)
    return guarded(HttpResponse(body, content_type=JPEG))


async def _document(asked: Asked, path: str) -> bytes:
    response = await _get(asked, path, "", BULK)
    content_type = _typed(response, MULTIPART | {"application/octet-stream", "application/pdf"})
    body = await whole(response, PDF_MAX)
    if not content_type.lower().startswith("multipart/"):
        return body
    header = Message()
    header["Content-Type"] = content_type
    try:
        found = split(str(header.get_param("boundary", "")), body)
    except BodyError as error:
        raise UpstreamError(502) from error
    return found[0][1]


def _pdf(document: bytes) -> HttpResponse:
    if not document.startswith(b"%PDF-"):
        raise UpstreamError(502)
    response = HttpResponse(document, content_type=PDF)
    response.headers["Content-Disposition"] = 'inline; filename="document.pdf"'
    return guarded(response)


_STREAMED: dict[Endpoint, tuple[str, frozenset[str]]] = {
    Endpoint.FRAMES: (PIXELS, MULTIPART),
    Endpoint.BULK: (BULK, MULTIPART | {"application/octet-stream"}),
    Endpoint.INSTANCE: (PART10, MULTIPART | {"application/dicom"}),
    Endpoint.SERIES_RENDERED: (JPEG, frozenset({JPEG})),
}
_DOCUMENTS = frozenset({Endpoint.INSTANCE, Endpoint.INSTANCE_RENDERED, Endpoint.BULK})
_NEVER_EMPTY = frozenset({Endpoint.STUDY_METADATA, Endpoint.SERIES_METADATA, Endpoint.INSTANCE_METADATA})
_LISTS_OBJECTS = frozenset({Endpoint.STUDY_SERIES, Endpoint.STUDY_METADATA})
