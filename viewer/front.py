"""nginx in front of the RIS: the configuration of deploy/nginx, with this installation's values in it."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

from django.conf import settings
from django.utils.crypto import salted_hmac

from viewer.caching.pixels import BOUNDARY

FILE = Path(__file__).resolve().parents[1] / "deploy" / "nginx" / "isocenter.conf"


@dataclass(frozen=True, slots=True)
class Front:
    """Where everything is: `listen`, `warm`, `web` and `orthanc` as host:port, `authorization` as Orthanc wants it.

    `cache` is best in memory (a tmpfs): writing a frame to a disk costs more than asking Orthanc for it. `ohif` holds
    the viewer's files, which nginx must be able to read; what it cannot read comes from the RIS. `log` is the file of
    requests, in which no address stands.
    """

    listen: str
    warm: str
    web: str
    orthanc: str
    authorization: str
    cache: Path
    ohif: Path
    log: Path
    cache_mb: int = 2_000


def render(front: Front) -> str:
    """The configuration; ValueError when a value would end what it stands in."""
    values = {
        "LISTEN": front.listen,
        "WARM": front.warm,
        "WARM_WORD": warm_word(),
        "LOG": str(front.log),
        "WEB": front.web,
        "ORTHANC": front.orthanc,
        "AUTHORIZATION": front.authorization,
        "CACHE": str(front.cache),
        "OHIF": str(front.ohif),
        "CACHE_SIZE": f"{front.cache_mb}m",
        "BOUNDARY": BOUNDARY,
    }
    if any(set(value) & set("\"';{}$\n\\") for value in values.values()):
        raise ValueError("A value of the nginx configuration holds a character that nginx would understand.")
    return _Braced(FILE.read_text(encoding="utf-8")).substitute(values)


def warm_word() -> str:
    """What nginx knows the RIS by, when it lays a frame ahead; whoever has SECRET_KEY can tell it, and nobody else."""
    return salted_hmac("isocenter.nginx.warm", "", algorithm="sha256").hexdigest()


@lru_cache(maxsize=1)
def hidden() -> frozenset[str]:
    """Names, in small letters, of the archive's headers that nginx hides from the browser with a frame."""
    return frozenset(re.findall(r"proxy_hide_header ([a-z0-9-]+);", FILE.read_text(encoding="utf-8").lower()))


def authorization() -> str:
    """What Orthanc wants to see of us."""
    if settings.ORTHANC_TOKEN:
        return f"Bearer {settings.ORTHANC_TOKEN}"
    pair = f"{settings.ORTHANC_USERNAME}:{settings.ORTHANC_PASSWORD}".encode()
    return f"Basic {b64encode(pair).decode('ascii')}"


class _Braced(Template):
    """Only ${NAMES} are ours; $names are nginx's."""

    pattern = r"\$\{(?P<braced>[A-Z_]+)\}|(?P<escaped>(?!))|(?P<named>(?!))|(?P<invalid>(?!))"  # type: ignore[assignment]
