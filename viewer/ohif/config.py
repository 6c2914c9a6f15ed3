"""OHIF's configuration script: the values of one request, then the static rest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from viewer.hanging.protocols import PLAIN, Protocol, beside, single
from viewer.ohif.fetch import VERSION

SCRIPTS = tuple(Path(__file__).with_name(name) for name in ("no_eval.js", "app_config.js"))
ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@dataclass(frozen=True, slots=True)
class Values:
    """What differs between requests and installations.

    `dicomweb` is an address of the same origin; `csrf` is the session's CSRF value; `observer` is a DICOM PN, and
    `opener` the key of the same person, in whose name alone this document writes;
    `protocols` and `presets` (by modality) are as OHIF types them.
    """

    dicomweb: str
    csrf: str = ""
    csrfCookie: str = "csrftoken"  # noqa: N815  named as the script reads it
    observer: str = ""
    opener: str = ""
    brand: str = "Isocenter"
    sourceName: str = "isocenter"  # noqa: N815
    version: str = VERSION
    protocols: list[Protocol] = field(default_factory=lambda: [single(PLAIN), beside(PLAIN)])
    presets: dict[str, Any] = field(default_factory=dict)


def render(values: Values) -> str:
    """The whole script; no value can leave its string."""
    return f"const RIS = {json.dumps(asdict(values)).translate(ESCAPES)};\n{_script()}"


@lru_cache(maxsize=1)
def _script() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
