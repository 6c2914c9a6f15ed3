"""What the viewer's benches run: Orthanc, our web server as a process, nginx, and who asks."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import uuid
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from ris.accounts.models import User
from ris.dicom.orthanc.process import OrthancProcess
from tests.services.nginx import front
from tests.services.orthanc import options
from tests.services.server import accepts, free_port, running

ROOT = Path(__file__).parents[2]
WADO = "multipart/related; type=application/octet-stream; transfer-syntax=*"


@dataclass(frozen=True, slots=True)
class Load:
    """What a round of requests took."""

    seconds: float
    statuses: Mapping[str, int]
    bytes: int

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds


def hammer(port: int, targets: Sequence[str], headers: Mapping[str, str], connections: int = 8) -> Load:
    """Each target once over so many connections; every answer must be a 200."""
    head = "\n".join(f"{name}: {value}" for name, value in headers.items())
    command = [sys.executable, "-m", "tests.bench.hammer", str(port), str(connections)]
    said = f"{head}\n\n" + "\n".join(targets)
    done = subprocess.run(command, input=said, capture_output=True, text=True, check=True, cwd=ROOT)
    load = Load(**json.loads(done.stdout))
    assert set(load.statuses) == {"200"}, load.statuses
    return load


@contextlib.contextmanager
def orthanc() -> Iterator[OrthancProcess]:
    """An Orthanc, and the settings that name it."""
    with tempfile.TemporaryDirectory(prefix="isocenter-bench-") as name:
        place = Path(name)
        process = OrthancProcess(place, options(place))
        process.start()
        opened = process.options
        with override_settings(
            ORTHANC_URL=process.url, ORTHANC_USERNAME=opened.username, ORTHANC_PASSWORD=opened.password,
            ORTHANC_TOKEN="", DATA_DIR=place / "data",
        ):  # fmt: skip
            yield process
        process.stop(grace=0)


def basic(process: OrthancProcess) -> str:
    return "Basic " + b64encode(f"{process.options.username}:{process.options.password}".encode()).decode()


def sign_in(user: User) -> dict[str, str]:
    """The headers of a browser that this user signed in with."""
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={uuid.uuid4().hex}"}


@dataclass(frozen=True, slots=True)
class Web:
    """Our web server: its port, its process, and its data."""

    port: int
    pid: int
    data: Path


@contextlib.contextmanager
def web(pacs: OrthancProcess, data: Path, pixels: str = "python") -> Iterator[Web]:
    """uvicorn as `make demo` starts it, on the database of the bench; `data` holds its caches."""
    data.mkdir(parents=True, exist_ok=True)
    link = data / "isocenter.sqlite3"
    if not link.is_symlink():
        link.symlink_to(connection.settings_dict["NAME"])
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"], "DATA_DIR": str(data), "SECRET_KEY": settings.SECRET_KEY, "PIXELS": pixels,
        "ORTHANC_URL": pacs.url, "ORTHANC_USERNAME": pacs.options.username,
        "ORTHANC_PASSWORD": pacs.options.password, "OHIF_DIR": str(settings.OHIF_DIR), "TRUST_PROXY": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "uvicorn", "ris.asgi:application", "--host", "127.0.0.1", "--port", str(port),
               "--lifespan", "on", "--no-access-log", "--app-dir", str(ROOT)]  # fmt: skip
    with _environment(environment), running(command, log=data / "web.log", ready=lambda: accepts(port)) as process:
        yield Web(port, process.pid, data)


@contextlib.contextmanager
def nginx(pacs: OrthancProcess, served: Web) -> Iterator[int]:
    """nginx with the configuration that ships in deploy/nginx, in front of our web server; its port."""
    with front(served.port, pacs.url.removeprefix("http://"), basic(pacs)) as port:
        yield port


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """`running` hands our own environment on, so it is this for a moment."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
