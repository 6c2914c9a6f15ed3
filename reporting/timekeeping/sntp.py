"""One question to a time server (SNTP version 4, RFC 4330 section 5)."""

from __future__ import annotations

import socket
import struct
import time

PORT, PATIENCE = 123, 2.0  # seconds
SINCE_1900 = 2_208_988_800  # seconds from NTP's epoch to Unix's
ERA = 1 << 32
CLIENT, SERVER, UNSYNCHRONISED = 0x23, 4, 3  # version 4, mode 3; mode 4; leap indicator 3
PACKET = struct.Struct("!BBbb11I")


class NoTime(Exception):
    """The time server does not answer, or not with a time; the words say which."""


def offset(server: str) -> float:
    """Seconds by which our clock is ahead of the time server's, half the way there and back taken off.

    `server` is a host, or host:port. Raises NoTime.
    """
    host, _, port = server.partition(":")
    try:
        return _asked(host, int(port or PORT))
    except (OSError, ValueError, struct.error) as error:
        raise NoTime("it does not answer") from error


def _asked(host: str, port: int) -> float:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(PATIENCE)
        line.connect((host, port))
        sent = time.time()
        mark = _stamp(sent)
        line.send(PACKET.pack(CLIENT, 0, 0, 0, *[0] * 9, *mark))
        packet = line.recv(PACKET.size)
        received = time.time()
    return _difference(PACKET.unpack(packet), mark, sent, received)


def _difference(fields: tuple[int, ...], mark: tuple[int, int], sent: float, received: float) -> float:
    first, stratum, _poll, _precision, *words = fields
    if first & 7 != SERVER or tuple(words[5:7]) != mark:
        raise NoTime("it answers something else")
    if first >> 6 == UNSYNCHRONISED or not 0 < stratum < 16:
        raise NoTime("it does not know the time itself")
    came, left = _instant(words[7], words[8], sent), _instant(words[9], words[10], sent)
    return ((sent - came) + (received - left)) / 2


def _stamp(at: float) -> tuple[int, int]:
    whole = int(at)
    return (whole + SINCE_1900) % ERA, int((at - whole) * ERA)


def _instant(seconds: int, fraction: int, near: float) -> float:
    """Unix seconds; the era (of 136 years) is the one that is nearest to our own clock."""
    found = seconds - SINCE_1900 + fraction / ERA
    return found + round((near - found) / ERA) * ERA
