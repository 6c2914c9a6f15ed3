"""The peer of the viewer's bench: the published OHIF and Orthanc behind nginx, with the archive's password added."""

from __future__ import annotations

import base64
import getpass
import gzip
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.services.server import free_port
from viewer.ohif.config import Values, render
from viewer.ohif.fetch import fetch, unpack
from viewer.ohif.prepare import COMPRESSIBLE

CONF = """
user {user}; worker_processes 2; pid {place}/pid; error_log {place}/error.log emerg; daemon off;
events {{ worker_connections 512; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream; access_log off;
  client_body_temp_path {place}/b; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u;
  scgi_temp_path {place}/s; sendfile on; tcp_nodelay on; gzip_static on; client_max_body_size 1g;
  upstream orthanc {{ server {orthanc}; keepalive 32; keepalive_timeout 900ms; }}
  server {{
    listen 127.0.0.1:{port};
    location = /app-config.js {{ alias {place}/app-config.js; add_header Cache-Control no-store; }}
    location / {{ root {files}; try_files $uri /index.html; expires 1y; }}
    location /dicom-web/ {{
      proxy_pass http://orthanc; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Accept-Encoding ""; proxy_set_header Cookie ""; proxy_buffers 64 64k;
      proxy_set_header Authorization "Basic {password}";
    }}
  }}
}}
"""


@contextmanager
def nginx(place: Path, *, orthanc: str, credentials: tuple[str, str]) -> Iterator[str]:
    """Address of a running nginx: the published OHIF, packed with gzip, at its root; Orthanc under /dicom-web/."""
    port = free_port()
    password = base64.b64encode(":".join(credentials).encode()).decode()
    # Orthanc 1.10 draws no thumbnail in the form that OHIF asks for: here they are made of frames. Frames come as OHIF
    # fetches them when nobody says otherwise.
    config = render(Values(dicomweb="/dicom-web")).replace(
        'thumbnailRendering: "rendered"', 'thumbnailRendering: "wadors"'
    )
    config = config.replace("single: { streaming: false }", "single: { streaming: true, decodeLevel: 1 }")
    assert "decodeLevel" in config
    (place / "app-config.js").write_text(config, encoding="utf-8")
    conf = place / "nginx.conf"
    text = CONF.format(
        user=getpass.getuser(), place=place, port=port, files=_published(place), orthanc=orthanc, password=password
    )
    conf.write_text(text, encoding="utf-8")
    process = subprocess.Popen(["/usr/sbin/nginx", "-p", str(place), "-c", str(conf)])
    try:
        _wait(f"http://127.0.0.1:{port}/index.html")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _published(place: Path) -> Path:
    """OHIF's own build; without the service worker, which a first visit would only pay for."""
    files = unpack(fetch(Path(settings.BUILD_DIR) / "npm"), place / "ohif") / "dist"
    (files / "init-service-worker.js").write_text("")
    for path in [path for path in files.rglob("*") if path.suffix in COMPRESSIBLE]:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 6, mtime=0))
    return files


def _wait(address: str) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("nginx did not start")
