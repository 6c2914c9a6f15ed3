"""A frame that nginx lays into its own cache before anybody asks for it; no byte of it comes here (deploy/nginx)."""

from __future__ import annotations

import logging

import aiohttp
from django.conf import settings

from viewer.caching.pixels import Place
from viewer.front import warm_word
from viewer.upstream import Upstream

log = logging.getLogger(__name__)


async def laid_by(link: Upstream, place: Place) -> bool:
    """Whether nginx took it, or had it. One that does not answer costs the reader a moment later, and no error now."""
    told = {
        "X-Isocenter-Warm": warm_word(),
        "X-Isocenter-Raw": place.raw_path.removeprefix("/"),
        "X-Isocenter-Frame": place.name,
    }
    address = settings.NGINX_WARM_URL.rstrip("/") + "/isocenter-warm"
    try:
        async with link.session.head(address, headers=told, allow_redirects=False) as answer:
            status = answer.status
    except (TimeoutError, aiohttp.ClientError):
        status = 0
    if status in {0, 404}:
        log.warning("nginx takes no frame ahead at NGINX_WARM_URL: status %d", status)
    return status == 200
