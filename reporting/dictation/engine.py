"""The seam for a speech-to-text engine of the house: a recording goes out, text comes back (docs/guides/admin.md).

One POST to SPEECH_ENGINE_URL with the file as its body; the answer is text/plain in UTF-8. Which recording it is stands
in Idempotency-Key, and nothing says whose. The whole exchange has to end before the lease of a delivery does.
"""

from __future__ import annotations

import time
from typing import Final

import requests
from django.conf import settings

from reporting.actions.drafts import LONGEST_SECTION
from ris.events.errors import DeliveryError

CONNECT: Final = 3.05
SILENT: Final = 30.0
LONGEST: Final = 60.0
LARGEST: Final = 4 * LONGEST_SECTION
AGAIN: Final = frozenset({408, 425, 429})
"""Of what an engine refuses only these can go better next time."""


def is_set_up() -> bool:
    return bool(settings.SPEECH_ENGINE_URL)


def heard(body: bytes, *, content_type: str, name: str) -> str:
    """What was said in a recording, "" for nothing. Raises DeliveryError; a redirect is not followed."""
    headers = {"Content-Type": content_type, "Accept": "text/plain", "User-Agent": "Isocenter", "Idempotency-Key": name}
    if settings.SPEECH_ENGINE_SECRET:
        headers["Authorization"] = f"Bearer {settings.SPEECH_ENGINE_SECRET}"
    until = time.monotonic() + LONGEST
    try:
        with requests.post(
            settings.SPEECH_ENGINE_URL, data=body, headers=headers, timeout=(CONNECT, SILENT),
            allow_redirects=False, stream=True,
        ) as answer:  # fmt: skip
            _require_taken(answer.status_code)
            return _read(answer, until).decode("utf-8").strip()
    except requests.RequestException as error:
        raise DeliveryError(f"The speech engine does not answer ({type(error).__name__}).") from error
    except UnicodeDecodeError as error:
        raise DeliveryError("The speech engine answered no UTF-8.", permanent=True) from error


def _require_taken(status: int) -> None:
    if status != requests.codes.ok:
        permanent = 300 <= status < 500 and status not in AGAIN
        raise DeliveryError(f"The speech engine answered {status}.", permanent=permanent)


def _read(answer: requests.Response, until: float) -> bytes:
    text = b""
    for piece in answer.iter_content(8192):
        text += piece
        if len(text) > LARGEST:
            raise DeliveryError("The speech engine answered more than a section holds.", permanent=True)
        if time.monotonic() > until:
            raise DeliveryError("The speech engine took too long.")
    return text
