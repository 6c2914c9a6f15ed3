"""A DICOM user agent of raw bytes on a raw socket: fast, and able to say what no library would."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from types import TracebackType

ECHO_CLASS = "1.2.840.10008.1.1"
WORKLIST_CLASS = "1.2.840.10008.5.1.4.31"
PERFORMED_CLASS = "1.2.840.10008.3.1.2.3.3"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
CONTEXTS = {1: ECHO_CLASS, 3: WORKLIST_CLASS, 5: PERFORMED_CLASS}

RQ, AC, RJ, DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
NO_DATASET = 0x0101
RELEASE = bytes.fromhex("05000000000400000000")


def pdu(kind: int, body: bytes) -> bytes:
    return struct.pack(">BxI", kind, len(body)) + body


def item(kind: int, body: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(body)) + body


def context_item(number: int, abstract: str, *syntaxes: str) -> bytes:
    inner = item(0x30, abstract.encode()) + b"".join(item(0x40, syntax.encode()) for syntax in syntaxes)
    return item(0x20, struct.pack(">B3x", number) + inner)


@dataclass(frozen=True)
class Asking:
    """An A-ASSOCIATE-RQ; each part can be made wrong."""

    calling: str = "CT1"
    called: str = "ISOCENTER"
    version: int = 1
    longest: int = 16_384
    application: str = "1.2.840.10008.3.1.1.1"
    contexts: tuple[bytes, ...] = tuple(context_item(number, uid, IMPLICIT) for number, uid in CONTEXTS.items())
    information: bytes = b""
    more: bytes = b""

    def __bytes__(self) -> bytes:
        titles = self.called.encode("latin-1").ljust(16)[:16] + self.calling.encode("latin-1").ljust(16)[:16]
        fixed = struct.pack(">H2x", self.version) + titles + bytes(32)
        own = item(0x51, struct.pack(">I", self.longest)) + item(0x52, b"2.25.1") + self.information
        items = item(0x10, self.application.encode()) + b"".join(self.contexts) + item(0x50, own) + self.more
        return pdu(RQ, fixed + items)


def element(number: int, value: bytes) -> bytes:
    return struct.pack("<HHI", 0, number, len(value)) + value


def uid(value: str) -> bytes:
    return value.encode() + b"\0" * (len(value) % 2)


def command(field: int, message: int, sop_class: str = "", *, dataset: bool = False, instance: str = "") -> bytes:
    """A request's command set; N-SET and N-GET name what they are about with the `Requested` elements."""
    asked = field in {0x0110, 0x0120}
    number = 0x0120 if field == 0x0FFF else 0x0110
    body = element(0x0003 if asked else 0x0002, uid(sop_class)) if sop_class else b""
    body += element(0x0100, struct.pack("<H", field)) + element(number, struct.pack("<H", message))
    body += element(0x0700, struct.pack("<H", 0)) if field == 0x0020 else b""
    body += element(0x0800, struct.pack("<H", 1 if dataset else NO_DATASET))
    body += element(0x1001 if asked else 0x1000, uid(instance)) if instance else b""
    return element(0x0000, struct.pack("<I", len(body))) + body


def value(context: int, control: int, data: bytes) -> bytes:
    return struct.pack(">IBB", len(data) + 2, context, control) + data


def data(context: int, control: int, payload: bytes) -> bytes:
    return pdu(DATA, value(context, control, payload))


def echo(message: int = 1) -> bytes:
    return data(1, 3, command(0x0030, message, ECHO_CLASS))


def find(identifier: bytes, message: int = 1) -> bytes:
    return data(3, 3, command(0x0020, message, WORKLIST_CLASS, dataset=True)) + data(3, 2, identifier)


def cancel(message: int = 1) -> bytes:
    return data(3, 3, command(0x0FFF, message))


def create(instance: str, dataset: bytes, message: int = 1) -> bytes:
    asked = command(0x0140, message, PERFORMED_CLASS, dataset=True, instance=instance)
    return data(5, 3, asked) + data(5, 2, dataset)


def update(instance: str, dataset: bytes, message: int = 1) -> bytes:
    asked = command(0x0120, message, PERFORMED_CLASS, dataset=True, instance=instance)
    return data(5, 3, asked) + data(5, 2, dataset)


def status_of(body: bytes) -> int:
    """(0000,0900) of the command in a P-DATA-TF."""
    place = body.index(struct.pack("<HHI", 0, 0x0900, 2))
    return int(struct.unpack_from("<H", body, place + 8)[0])


class Lean:
    """A connection. What is read comes as (PDU type, what follows its header); type 0 is the end of the connection."""

    def __init__(self, port: int, *, timeout: float = 10.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def __enter__(self) -> Lean:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.socket.close()

    def send(self, sent: bytes) -> None:
        self.socket.sendall(sent)

    def associate(self, asking: Asking | None = None) -> tuple[int, bytes]:
        self.send(bytes(asking or Asking()))
        return self.pdu()

    def pdu(self) -> tuple[int, bytes]:
        header = self._exactly(6)
        if len(header) < 6:
            return 0, b""
        kind, length = struct.unpack(">BxI", header)
        return kind, self._exactly(length)

    def status(self) -> int:
        """The status of the next response. Fails when what comes is none."""
        kind, body = self.pdu()
        assert kind == DATA, f"PDU of type {kind} instead of a response"
        return status_of(body)

    def statuses(self) -> list[int]:
        """Every status of a C-FIND, the final one last."""
        found = [self.status()]
        while found[-1] in {0xFF00, 0xFF01}:
            assert self.pdu()[0] == DATA
            found.append(self.status())
        return found

    def release(self) -> bool:
        """Whether the release was agreed to."""
        self.send(RELEASE)
        return self.pdu()[0] == RELEASE_RP

    def _exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            try:
                more = self.socket.recv(65_536)
            except ConnectionResetError:
                return b""
            if not more:
                return b""
            self._read += more
        found, self._read = self._read[:size], self._read[size:]
        return found
