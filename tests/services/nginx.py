"""nginx of a test run: the configuration of deploy/nginx, on a free port of loopback."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tests.services.server import accepts, free_port, running
from viewer.front import Front, render
from viewer.ohif.prepare import FILES

# Where nginx_config puts the cache too, where there is one.
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
MAIN = """worker_processes 2; pid {place}/nginx.pid; error_log {place}/error.log warn; daemon off; {user}
events {{ worker_connections 1024; }}
http {{
  access_log off; include /etc/nginx/mime.types; include {place}/isocenter.conf;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
}}
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A running nginx: where browsers ask, where the RIS lays frames ahead, and what it writes down."""

    port: int
    warm: int
    place: Path

    def comes(self, words: str, times: int = 1) -> bool:
        """Whether so many lines with these words are in the log of requests; nginx writes each after its answer."""
        until = time.monotonic() + 20
        while sum(words in line for line in self.log) < times:
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    @property
    def log(self) -> list[str]:
        return (self.place / "access.log").read_text(encoding="utf-8").splitlines()

    @property
    def everything_written(self) -> str:
        return "\n".join(one.read_text(errors="replace") for one in self.place.glob("*.*") if one.suffix != ".conf")


@contextmanager
def front(web_port: int, orthanc: str, authorization: str) -> Iterator[int]:
    """nginx in front of a RIS on `web_port` and an Orthanc at `orthanc` (host:port); its port."""
    with started(web_port, orthanc, authorization) as one:
        yield one.port


@contextmanager
def started(web_port: int, orthanc: str, authorization: str) -> Iterator[Running]:
    """The same, with all that a test may look at."""
    place, cache = (
        Path(tempfile.mkdtemp(prefix="isocenter-nginx-")),
        Path(tempfile.mkdtemp(prefix="isocenter-nginx-", dir=IN_MEMORY)),
    )
    ohif = (Path(settings.OHIF_DIR) / FILES).resolve()
    port, warm, web = free_port(), free_port(), f"127.0.0.1:{web_port}"
    log = place / "access.log"
    values = Front(f"127.0.0.1:{port}", f"127.0.0.1:{warm}", web, orthanc, authorization, cache, ohif, log)
    (place / "isocenter.conf").write_text(render(values))
    user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
    (place / "nginx.conf").write_text(MAIN.format(place=place, user=user))
    command = ["/usr/sbin/nginx", "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]
    try:
        with running(command, log=place / "nginx.out", ready=lambda: accepts(port)):
            yield Running(port, warm, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(cache, ignore_errors=True)
