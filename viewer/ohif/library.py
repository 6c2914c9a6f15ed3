"""The prepared viewer on disk: which files there are, and the content security policy of its documents and workers."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path

from viewer.ohif.prepare import FILES, MANIFEST, Prepared

BASE = "/viewer/ohif/"
WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'; connect-src 'self'"


@dataclass(frozen=True, slots=True)
class Library:
    """The manifest of one prepared build."""

    folder: Path
    version: str
    scripts: tuple[str, ...]
    files: dict[str, Prepared]

    def read(self, name: str, encoding: str = "") -> bytes:
        """The bytes of a file that the manifest names; `encoding` is one of its encodings, or empty."""
        suffix = {"": "", "br": ".br", "gzip": ".gz"}[encoding]
        return (self.folder / FILES / (name + suffix)).read_bytes()

    @property
    def early(self) -> str:
        """A Link header for the page that will hold the viewer: its largest script comes before the frame does."""
        found = (name for name in self.files if name.startswith("app.bundle.") and name.endswith(".js"))
        return ", ".join(f"<{BASE}{name}>; rel=preload; as=script" for name in found)

    @property
    def document_policy(self) -> str:
        """What the viewer's document may do: nothing foreign, the two inline scripts by hash, PDF as a blob."""
        return (
            f"default-src 'none'; script-src 'self' {' '.join(self.scripts)}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
            "manifest-src 'self'; object-src 'self' blob:; frame-src 'self' blob:; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'self'"
        )


_lock = threading.Lock()
_loaded: dict[tuple[Path, int], Library] = {}


def library(folder: Path) -> Library | None:
    """The prepared viewer in `folder`, read again only when its manifest changed; None when there is none."""
    try:
        changed = (folder / MANIFEST).stat().st_mtime_ns
    except OSError:
        return None
    with _lock:
        if (folder, changed) not in _loaded:
            _loaded.clear()
            _loaded[folder, changed] = _read(folder)
        return _loaded[folder, changed]


def _read(folder: Path) -> Library:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {
        name: Prepared(row["sha256"], row["size"], row["immutable"], tuple(row["encodings"]))
        for name, row in manifest["files"].items()
    }
    return Library(folder, manifest["version"], tuple(manifest["scripts"]), files)
