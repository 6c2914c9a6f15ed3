"""The peer of the viewer's bench: OHIF's files and Orthanc behind nginx, with the archive's password added."""

from __future__ import annotations

import base64
import getpass
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.server import free_port
from viewer.ohif.config import Values, render
from viewer.ohif.library import BASE

CONF = """
user {user}; worker_processes 2; pid {place}/pid; error_log {place}/error.log; daemon off;
events {{ worker_connections 512; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream; access_log off;
  client_body_temp_path {place}/b; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u;
  scgi_temp_path {place}/s; sendfile on; tcp_nodelay on; gzip_static on; client_max_body_size 1g;
  upstream orthanc {{ server {orthanc}; keepalive 32; keepalive_timeout 900ms; }}
  server {{
    listen 127.0.0.1:{port};
    location = {base}app-config.js {{ alias {place}/app-config.js; add_header Cache-Control no-store; }}
    location {base} {{ alias {files}/; try_files $uri {base}index.html; expires 1y; }}
    location /dicom-web/ {{
      proxy_pass http://orthanc; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Accept-Encoding ""; proxy_set_header Cookie ""; proxy_buffers 64 64k;
      proxy_set_header Authorization "Basic {password}";
    }}
  }}
}}
"""


@contextmanager
def nginx(place: Path, *, orthanc: str, credentials: tuple[str, str], files: Path) -> Iterator[str]:
    """Address of a running nginx: OHIF under the same path as ours, Orthanc under /dicom-web/."""
    port = free_port()
    password = base64.b64encode(":".join(credentials).encode()).decode()
    # Orthanc 1.10 draws no thumbnail in the form that OHIF asks for: here they are made of frames.
    config = render(Values(dicomweb="/dicom-web")).replace(
        'thumbnailRendering: "rendered"', 'thumbnailRendering: "wadors"'
    )
    (place / "app-config.js").write_text(config, encoding="utf-8")
    conf = place / "nginx.conf"
    text = CONF.format(
        user=getpass.getuser(), place=place, port=port, base=BASE, files=files, orthanc=orthanc, password=password
    )
    conf.write_text(text, encoding="utf-8")
    process = subprocess.Popen(["/usr/sbin/nginx", "-p", str(place), "-c", str(conf)])
    try:
        _wait(f"http://127.0.0.1:{port}{BASE}index.html")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait(address: str) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("nginx did not start")
