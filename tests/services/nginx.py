"""nginx of a test run: the configuration of deploy/nginx, on a free port of loopback."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def front(web_port: int, orthanc: str, authorization: str) -> Iterator[int]:
    """nginx in front of a RIS on `web_port` and an Orthanc at `orthanc` (host:port); its port."""
    place, cache = (
        Path(tempfile.mkdtemp(prefix="isocenter-nginx-")),
        Path(tempfile.mkdtemp(prefix="isocenter-nginx-", dir=IN_MEMORY)),
    )
    port, ohif = free_port(), (Path(settings.OHIF_DIR) / FILES).resolve()
    values = Front(f"127.0.0.1:{port}", f"127.0.0.1:{web_port}", orthanc, authorization, cache, ohif)
    (place / "isocenter.conf").write_text(render(values))
    user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
    (place / "nginx.conf").write_text(MAIN.format(place=place, user=user))
    command = ["/usr/sbin/nginx", "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]
    try:
        with running(command, log=place / "nginx.out", ready=lambda: accepts(port)):
            yield port
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(cache, ignore_errors=True)
