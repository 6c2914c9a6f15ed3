"""What nginx is told of a frame that a person may see: whose share it takes, where the archive keeps it, and under
which name to cache it.

nginx asks with the address that the browser sent in X-Original-URI, and passes the answer's headers to nobody.
"""

from __future__ import annotations

import time

from django.conf import settings

from viewer.caching import pixels
from viewer.caching.pixels import Place
from viewer.front import hidden
from viewer.grammar import Dicomweb
from viewer.grants import Grant
from viewer.upstream import Upstream, UpstreamError

PATH = "/viewer/permit"
HEADER = b"x-original-uri"


ASKED_AGAIN_SECONDS = 60.0
SERIES_MAX = 20_000
# What nginx makes itself of any answer, whatever the archive's says.
FRAMING = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})

_plain_until: dict[str, float] = {}


async def is_plain(link: Upstream, place: Place) -> bool:
    """Whether the archive sends frames of this series with no header that nginx would hand on to the browser.

    Looked at with one frame of a series, once a minute; its bytes are not read. UpstreamError when none comes.
    """
    now = time.monotonic()
    if _plain_until.get(place.series, 0.0) > now:
        return True
    response = await link.get_native(place.raw_path)
    response.close()
    if response.status != 200 or {name.lower() for name in response.headers} - hidden() - FRAMING:
        return False
    if len(_plain_until) > SERIES_MAX:
        _plain_until.clear()
    _plain_until[place.series] = now + ASKED_AGAIN_SECONDS
    return True


async def headers_of(link: Upstream, place: Place, reader: int) -> dict[str, str] | None:
    """For the person of this number; None when the frame has to go the long way."""
    syntax = await pixels.syntax_of(link, place)
    if syntax is None or not await is_plain(link, place):
        return None
    return {
        "X-Isocenter-Reader": str(reader),
        "X-Isocenter-Raw": place.raw_path.removeprefix("/"),
        "X-Isocenter-Frame": place.name,
        "X-Isocenter-Type": pixels.content_type(syntax),
        "X-Isocenter-Syntax": syntax,
    }


async def facts(link: Upstream, asked: Dicomweb, grant: Grant, reader: int) -> dict[str, str] | None:
    """The same for a granted request; None when the archive has no such frame, or is no Orthanc."""
    if settings.ARCHIVE_KIND != "orthanc" or "," in asked.detail or asked.series in grant.hidden:
        return None
    try:
        inventory = await link.inventories.of(link, grant.patient_id, asked.study)
        place = pixels.place_of(inventory, asked.series, asked.instance, int(asked.detail)) if inventory else None
        return await headers_of(link, place, reader) if place else None
    except UpstreamError:
        return None
