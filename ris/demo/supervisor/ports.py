"""The ports of the demo: configurable, different, free."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from ris.demo.supervisor.errors import DemoError

EVERYWHERE = "0.0.0.0"  # noqa: S104  Orthanc binds here whatever it is told (and refuses strangers), so ask the same
LOOPBACK = "127.0.0.1"
DEBIAN_ORTHANC = " (if it is Debian's own Orthanc: sudo systemctl disable --now orthanc)"


@dataclass(frozen=True, slots=True)
class Port:
    """A TCP port that one of the demo's processes will listen on."""

    variable: str
    purpose: str
    number: int
    host: str

    def listening(self) -> bool:
        """Whether a connection to it is accepted within a fifth of a second."""
        try:
            socket.create_connection((LOOPBACK, self.number), timeout=0.2).close()
        except OSError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each process listens; the Orthanc ones are None beside an Orthanc of one's own."""

    web: Port
    worklist: Port
    hl7: Port
    hospital: Port
    orthanc_http: Port | None
    orthanc_dicom: Port | None

    def all(self) -> tuple[Port, ...]:
        every = (self.web, self.worklist, self.hl7, self.hospital, self.orthanc_http, self.orthanc_dicom)
        return tuple(port for port in every if port is not None)


def from_environment(env: Mapping[str, str]) -> Ports:
    """Read the variables. Raises DemoError for a number that is none, or that two of them share."""
    own_orthanc = not env.get("ORTHANC_URL")
    ports = Ports(
        web=_port(env, "WEB_PORT", "the web pages", 8000, LOOPBACK),
        worklist=_port(env, "DICOM_SCP_PORT", "the worklist (DICOM)", 11112, LOOPBACK),
        hl7=_port(env, "HL7_PORT", "HL7 messages", 2575, LOOPBACK),
        hospital=_port(env, "HL7_RECEIVER_PORT", "the receiver of HL7 messages", 2576, LOOPBACK),
        orthanc_http=_port(env, "ORTHANC_HTTP_PORT", "Orthanc (HTTP)", 8042, EVERYWHERE) if own_orthanc else None,
        orthanc_dicom=_port(env, "ORTHANC_DICOM_PORT", "Orthanc (DICOM)", 4242, EVERYWHERE) if own_orthanc else None,
    )
    _require_different(ports)
    return ports


def require_free(ports: Ports) -> None:
    """Raise DemoError for the first port that something else already listens on."""
    for port in ports.all():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((port.host, port.number))
            except OSError as error:
                raise DemoError(_why_not(port, error)) from None


def _port(env: Mapping[str, str], variable: str, purpose: str, default: int, host: str) -> Port:
    text = env.get(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise DemoError(f"{variable} must be a port number from 1 to 65535, not {text!r}.")
    return Port(variable, purpose, int(text), host)


def _require_different(ports: Ports) -> None:
    taken: dict[int, Port] = {}
    for port in ports.all():
        other = taken.setdefault(port.number, port)
        if other is not port:
            raise DemoError(f"{other.variable} and {port.variable} are both {port.number}; they must differ.")


def _why_not(port: Port, error: OSError) -> str:
    what = f"Port {port.number} for {port.purpose}"
    if error.errno != errno.EADDRINUSE:
        return f"{what} cannot be used ({os.strerror(error.errno or 0)}); set {port.variable} to another."
    hint = DEBIAN_ORTHANC if "Orthanc" in port.purpose else ""
    return f"{what} is busy: end what listens there{hint}, or set {port.variable} to a free port."
