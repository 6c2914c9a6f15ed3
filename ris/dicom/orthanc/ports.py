"""Which TCP ports are free."""

from __future__ import annotations

import socket


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of every interface, as Orthanc does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
            probe.listen(1)
        except OSError:
            return False
    return True
