"""What a reader will want first, fetched when the study becomes readable: metadata, and of each series two images and a
thumbnail.

It fills the caches that a reader is answered from, within limits: the web server's, and with PIXELS=nginx nginx's own.
An archive that does not answer costs nothing but this.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from viewer import answers, permit
from viewer.caching import ahead, pixels
from viewer.caching.pixels import Place
from viewer.grammar import Dicomweb, Endpoint
from viewer.grants import Grant
from viewer.retrieval import Asked, answer
from viewer.turnstile import Turnstile
from viewer.upstream import Upstream, UpstreamError, close, upstream

SERIES_MAX = 30
SECONDS_MAX = 20.0  # other deliveries wait behind this one
WHO = "prefetch"


def fetch(grant: Grant) -> int:
    """How many images were laid into a cache. In a thread of its own, since the caller's may have a loop already."""
    with ThreadPoolExecutor(1, "prefetch") as thread:
        return thread.submit(lambda: asyncio.run(_fetch(grant))).result()


async def _fetch(grant: Grant) -> int:
    link = upstream()
    ticket = await link.turnstile.enter(WHO)
    found = 0
    try:
        async with asyncio.timeout(SECONDS_MAX):
            series = await _rows(grant, Dicomweb(Endpoint.STUDY_SERIES, grant.study_uid), ticket)
            for uid in [answers.value(row, answers.SERIES_UID) for row in series[:SERIES_MAX]]:
                found += await _fetch_series(grant, uid, ticket) if uid else 0
    except (UpstreamError, TimeoutError):
        return found
    finally:
        ticket.give_back()
        await close()
    return found


async def _fetch_series(grant: Grant, series: str, ticket: Turnstile.Ticket) -> int:
    """Its metadata, which stays on the shelf, then the first image and the middle one, which is its thumbnail too."""
    link = upstream()
    rows = await _rows(grant, Dicomweb(Endpoint.SERIES_METADATA, grant.study_uid, series), ticket)
    inventory = await link.inventories.of(link, grant.patient_id, grant.study_uid)
    if not rows or inventory is None:
        return 0
    rows.sort(key=_number)
    found, middle = 0, rows[len(rows) // 2]
    if "00280010" in middle:
        await _draw(grant, series, answers.value(middle, answers.SOP_UID), ticket)
    for row in {0: rows[0], len(rows) // 2: middle}.values():
        place = pixels.place_of(inventory, series, answers.value(row, answers.SOP_UID), 1)
        if place is not None and 0 < _bytes(row) <= pixels.KEEP_MAX:
            found += await _lay(link, place)
    return found


async def _lay(link: Upstream, place: Place) -> bool:
    """Where the reader's question will look for it."""
    if settings.PIXELS == "nginx" and await permit.is_plain(link, place) and await ahead.laid_by(link, place):
        return True
    return await pixels.laid_by(link, place)


def _bytes(row: answers.Row) -> int:
    """What a frame takes uncompressed; 0 for what is no image."""
    words = [answers.value(row, tag) for tag in ("00280002", "00280010", "00280011", "00280100")]
    samples, rows, columns, bits = (int(word) if word.isdecimal() else 0 for word in words)
    return max(samples, 1) * rows * columns * bits // 8


async def _draw(grant: Grant, series: str, sop: str, ticket: Turnstile.Ticket) -> None:
    """The thumbnail; what the archive cannot draw has none."""
    with contextlib.suppress(UpstreamError):
        found = await answer(_asked(grant, Dicomweb(Endpoint.INSTANCE_RENDERED, grant.study_uid, series, sop), ticket))
        if found.streaming:  # too large to be kept
            found.close()


def _number(row: answers.Row) -> int:
    """InstanceNumber, by which a viewer sorts."""
    text = answers.value(row, "00200013")
    return int(text) if text.lstrip("-").isdecimal() else 0


def _asked(grant: Grant, asked: Dicomweb, ticket: Turnstile.Ticket) -> Asked:
    """As a browser asks it, so that what is kept is what a browser will ask for."""
    return Asked(asked, {grant.study_uid: grant}, upstream(), ticket, hide_key_objects=True)


async def _rows(grant: Grant, asked: Dicomweb, ticket: Turnstile.Ticket) -> list[answers.Row]:
    found = await answer(_asked(grant, asked, ticket))
    body = getattr(found, "content", b"")
    return answers.read_rows(body) if found.status_code == 200 else []
