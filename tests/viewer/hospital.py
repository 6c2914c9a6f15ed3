"""A running Isocenter for the viewer's tests: real ASGI server, real Orthanc, study A of the north, B of the south.

One per test module, since its parts start once. The database stays open to the module's tests and to the server's
threads, and is emptied when the module is done.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from django.contrib.sessions.models import Session
from django.test import Client

from ris.accounts.models import Site, User
from ris.core.actors import SystemActor
from ris.dicom.archive import get_archive
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Procedure, RequestedProcedure
from ris.patients.actions import PatientData, register_patient
from tests.services.server import free_port
from tests.viewer import objects
from tests.world import World
from worklist.actions.studies import note_study
from worklist.models import Study

ROOT = "/viewer/dicom-web"
SLICE = 256


@dataclass(frozen=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        import json

        return json.loads(self.body)


@dataclass(frozen=True)
class Exam:
    """One study with the slices of one series."""

    study: str
    series: str
    instances: tuple[str, ...]
    place: objects.Place

    @property
    def path(self) -> str:
        return f"{ROOT}/studies/{self.study}"

    @property
    def first(self) -> str:
        return f"{self.path}/series/{self.series}/instances/{self.instances[0]}"


@dataclass
class Browser:
    """A signed-in browser: its cookies, and the CSRF value that OHIF's bearer carries."""

    cookie: str
    csrf: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Cookie": self.cookie} if self.cookie else {}

    @property
    def session(self) -> str:
        return self.cookie.split("sessionid=")[1].split(";")[0]


@dataclass
class Hospital:
    """How the cases speak with it."""

    port: int
    world: World
    a: Exam
    b: Exam

    def sign_in(self, username: str) -> Browser:
        client = Client()
        client.force_login(User.objects.get(username=username), "allauth.account.auth_backends.AuthenticationBackend")
        csrf = uuid.uuid4().hex
        return Browser(f"sessionid={client.cookies['sessionid'].value}; csrftoken={csrf}", csrf)

    def end_session(self, session: Browser) -> None:
        Session.objects.filter(session_key=session.session).delete()

    def ask(
        self, target: str | bytes, who: Browser | None = None, *, method: str = "GET", body: bytes = b"", **headers: str
    ) -> Answer:
        """One request whose target goes over the wire exactly as given."""
        sent = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"} | (who.headers if who else {})
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body or method == "POST":
            sent.setdefault("Content-Length", str(len(body)))
        raw = target if isinstance(target, bytes) else target.encode()
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items()).encode("latin-1")
        return self.exchange(method.encode() + b" " + raw + b" HTTP/1.1\r\n" + lines + b"\r\n" + body)

    def exchange(self, raw: bytes, timeout: float = 120) -> Answer:
        """Raw bytes out, one response in."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as wire:
            wire.sendall(raw)
            response = http.client.HTTPResponse(wire)
            response.begin()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    def store(self, who: Browser, *parts: bytes, target: str = f"{ROOT}/studies", **headers: str) -> Answer:
        """STOW as OHIF does it."""
        content_type, body = objects.multipart(*parts)
        sent = {"Authorization": f"Bearer {who.csrf}", "Content_Type": content_type} | headers
        return self.ask(target, who, method="POST", body=body, **sent)


def status_so_far(wire: socket.socket) -> int:
    """The status that stands in the wire's buffer, which is left there; 0 when nothing came yet."""
    wire.setblocking(False)
    try:
        return int(wire.recv(16, socket.MSG_PEEK)[9:12] or 0)
    except BlockingIOError:
        return 0


def exam(world: World, site: Site, by: User, name: str, *, slices: int = 2, side: int = SLICE) -> Exam:
    """Order, images at the archive, matched: as if it had been done."""
    patient = register_patient(
        PatientData(family_name=name, given_name="Sam", sex="O", birth_date=None), site=site, by=by
    )
    order = place_order(
        patient,
        site=site,
        procedures=[Procedure.objects.get(code="CTCHEST")],
        details=OrderDetails(priority="STAT"),
        by=by,
    )
    requested = RequestedProcedure.objects.get(order=order)
    identifier = patient.identifier_at(site)
    assert identifier is not None
    study = requested.study_instance_uid
    place = objects.Place(study, identifier.value, requested.accession_number, patient.person_name)
    seed = uuid.uuid4().int >> 64
    series = f"2.25.{seed}1"
    instances = tuple(f"2.25.{seed}1{at + 1}" for at in range(slices))
    for first in range(0, slices, 20):
        batch = list(enumerate(instances, 1))[first : first + 20]
        result = get_archive().store([objects.image(place, series, sop, at, side) for at, sop in batch])
        assert result.stored == frozenset(sop for _at, sop in batch)
    row = get_archive().study(study)
    assert row is not None
    found = note_study(row, by=SystemActor("matcher"))
    assert Study.objects.get(pk=found.pk).state == "matched", found.findings
    return Exam(study, series, instances, place)


@contextlib.contextmanager
def served() -> Iterator[int]:
    """The ASGI application on a free port of loopback, in a thread of this process."""
    from ris.asgi import application

    port = free_port()
    config = uvicorn.Config(application, "127.0.0.1", port, log_level="warning", lifespan="on", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="uvicorn")
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.02)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"
