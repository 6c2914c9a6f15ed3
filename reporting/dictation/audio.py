"""A recording as a file: told by its bytes, within limits. Pure."""

from __future__ import annotations

LARGEST = 20 * 1024 * 1024
LONGEST_SECONDS = 600
SHORTEST = 32
"""No recording of any kind is smaller: its headers alone are larger."""
HEAD = 4096
ENDINGS = {"audio/webm": "webm", "audio/ogg": "ogg", "audio/wav": "wav"}


def content_type_of(body: bytes) -> str:
    """What it is by its first bytes, whatever it is called: WebM (RFC 9559), Ogg (RFC 3533), WAV; else ""."""
    head = body[:HEAD]
    if head.startswith(b"\x1aE\xdf\xa3") and b"\x42\x82\x84webm" in head[:64]:
        return "audio/webm"
    if head.startswith(b"OggS\x00\x02") and any(codec in head[:64] for codec in (b"OpusHead", b"\x01vorbis")):
        return "audio/ogg"
    if head.startswith(b"RIFF") and head[8:16] == b"WAVEfmt ":
        return "audio/wav"
    return ""


def fault_of(body: bytes, seconds: int) -> str:
    """Why this is not kept, or ""."""
    if len(body) > LARGEST:
        return f"The recording is larger than {LARGEST // 1024**2} MB. Dictate it in parts."
    if not 1 <= seconds <= LONGEST_SECONDS:
        return f"A recording lasts from one second to {LONGEST_SECONDS // 60} minutes."
    if len(body) < SHORTEST or not content_type_of(body):
        return "Only WebM, Ogg and WAV recordings are kept, whatever the file is called."
    return ""
