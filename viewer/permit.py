"""What nginx is told of a frame that a person may see: where the archive keeps it, and under which name to cache it.

nginx asks with the address that the browser sent in X-Original-URI, and passes the answer's headers to nobody.
"""

from __future__ import annotations

from django.conf import settings

from viewer.caching import pixels
from viewer.caching.pixels import Place
from viewer.grammar import Dicomweb
from viewer.grants import Grant
from viewer.upstream import Upstream, UpstreamError

PATH = "/viewer/permit"
HEADER = b"x-original-uri"


async def headers_of(link: Upstream, place: Place) -> dict[str, str] | None:
    """None when the archive does not say how the frame is encoded."""
    syntax = await pixels.syntax_of(link, place)
    if syntax is None:
        return None
    return {
        "X-Isocenter-Raw": place.raw_path.removeprefix("/"),
        "X-Isocenter-Frame": place.name,
        "X-Isocenter-Type": pixels.content_type(syntax),
        "X-Isocenter-Syntax": syntax,
    }


async def facts(link: Upstream, asked: Dicomweb, grant: Grant) -> dict[str, str] | None:
    """The same for a granted request; None when the archive has no such frame, or is no Orthanc."""
    if settings.ARCHIVE_KIND != "orthanc" or "," in asked.detail:
        return None
    try:
        inventory = await link.inventories.of(link, grant.patient_id, asked.study)
        place = pixels.place_of(inventory, asked.series, asked.instance, int(asked.detail)) if inventory else None
        return await headers_of(link, place) if place else None
    except UpstreamError:
        return None
