"""Recordings of a second: a tone as WAV, and the heads by which the others are told."""

from __future__ import annotations

import io
import math
import struct
import wave

WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x04" + bytes(64)
OGG = b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01" + bytes(64)


def wav(seconds: int = 1, rate: int = 8000) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        tone = (int(8000 * math.sin(2 * math.pi * 440 * at / rate)) for at in range(rate * seconds))
        sound.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return target.getvalue()
