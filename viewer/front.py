"""nginx in front of the RIS: the configuration of deploy/nginx, with this installation's values in it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from string import Template

from django.conf import settings

from viewer.caching.pixels import BOUNDARY

FILE = Path(__file__).resolve().parents[1] / "deploy" / "nginx" / "isocenter.conf"


@dataclass(frozen=True, slots=True)
class Front:
    """Where everything is: `listen`, `web` and `orthanc` as host:port, `authorization` as Orthanc wants it.

    `cache` is best in memory (a tmpfs): writing a frame to a disk costs more than asking Orthanc for it. `ohif` holds
    the viewer's files, which nginx must be able to read; what it cannot read comes from the RIS.
    """

    listen: str
    web: str
    orthanc: str
    authorization: str
    cache: Path
    ohif: Path
    cache_mb: int = 2_000


def render(front: Front) -> str:
    """The configuration; ValueError when a value would end what it stands in."""
    values = {
        "LISTEN": front.listen,
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


def authorization() -> str:
    """What Orthanc wants to see of us."""
    if settings.ORTHANC_TOKEN:
        return f"Bearer {settings.ORTHANC_TOKEN}"
    pair = f"{settings.ORTHANC_USERNAME}:{settings.ORTHANC_PASSWORD}".encode()
    return f"Basic {b64encode(pair).decode('ascii')}"


class _Braced(Template):
    """Only ${NAMES} are ours; $names are nginx's."""

    pattern = r"\$\{(?P<braced>[A-Z_]+)\}|(?P<escaped>(?!))|(?P<named>(?!))|(?P<invalid>(?!))"  # type: ignore[assignment]
