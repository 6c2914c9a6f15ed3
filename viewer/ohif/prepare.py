"""Prepare the published OHIF build for its path: edit its addresses, trim, shrink, name by content, compress, list.

No Django here. The build is made for the root of a host; each edit below is counted, and a count of zero is an error,
because a viewer that loads half its chunks from the wrong place fails only in the reading room.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import brotli  # type: ignore[import-untyped]

from viewer.ohif.errors import PreparationError
from viewer.ohif.naming import name_by_content

RECIPE = 3
MANIFEST = "prepared.json"
FILES = "files"
SMALLEST_WORTH_COMPRESSING = 1024
COMPRESSIBLE = frozenset({".js", ".css", ".html", ".json", ".svg", ".wasm", ".xml"})
DROPPED_NAMES = frozenset(
    {
        "sw.js",
        "init-service-worker.js",
        "serve.json",
        "_headers",
        "_redirects",
        "google.js",
        "silent-refresh.html",
        "app-config.js",
        "es6-shim.min.js",
        "oidc-client.min.js",
        "polyfill.min.js",
    }
)
DROPPED_FOLDERS = frozenset({"ort", "customizations"})
HASHED = re.compile(
    r"(?:\.bundle\.[0-9a-f]{16}\.js|\.[0-9a-f]{16}\.css|(?:^|/)[0-9a-f]{16,20}\.(?:wasm|woff2?|svg|png|ttf))$"
)
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file of the prepared viewer: its hash, its type-deciding name is the key, and the encodings beside it."""

    sha256: str
    size: int
    immutable: bool
    encodings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """One textual change, and whether the recipe is void when it hits nothing."""

    pattern: str
    replacement: str
    required: bool = False


def _edits(name: str, base: str) -> list[Edit]:
    if name == "index.html":
        return [
            Edit(r"""window\.PUBLIC_URL\s*=\s*(['"])/\1""", f'window.PUBLIC_URL="{base}"', required=True),
            Edit(r"""((?:href|src|content)=")/(?!/)""", rf"\g<1>{base}", required=True),
            Edit(r'<script[^>]*src="[^"]*init-service-worker\.js"></script>', "", required=True),
        ]
    if name == "manifest.json":
        return [Edit(r'"/(?!/)', f'"{base}')]
    if name.endswith(".css"):
        return [Edit(r"url\(/(?!/)", f"url({base}")]
    is_app = name.startswith("app.bundle.")
    return [
        Edit(r'__webpack_require__\.p = "/";', f'__webpack_require__.p = "{base}";', required=is_app),
        Edit(r"browserImportFunction\('/", f"browserImportFunction('{base}", required=is_app),
    ]


def edited(name: str, text: str, base: str) -> str:
    """`text` of the root file `name`, moved from the root of the host to `base`."""
    for edit in _edits(name, base):
        text, hits = re.subn(edit.pattern, edit.replacement, text)
        if edit.required and not hits:
            raise PreparationError(
                f"{name} holds no {edit.pattern!r}: this OHIF build is not the one the recipe knows."
            )
    return text


def script_hashes(index_html: str) -> list[str]:
    """CSP hash sources of the inline scripts of the document, in order."""
    digests = (hashlib.sha256(body.encode()).digest() for body in INLINE_SCRIPT.findall(index_html))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def prepare(
    source: Path, target: Path, *, version: str, base: str, shrink: Callable[[Path], None] | None = None
) -> None:
    """Write `target/files` and `target/prepared.json` from the unpacked build in `source`, replacing what was there.

    `shrink` is called with the folder of the edited files, before they are compressed. Raises PreparationError when
    the build does not match the recipe; nothing is replaced then.
    """
    staging = target.with_name(target.name + ".new")
    shutil.rmtree(staging, ignore_errors=True)
    files = staging / FILES
    for relative in _kept(source):
        _copy(source, files, relative, base)
    if shrink is not None:
        shrink(files)
    name_by_content(files)
    index = (files / "index.html").read_text(encoding="utf-8")
    manifest = {
        "recipe": RECIPE,
        "version": version,
        "base": base,
        "scripts": script_hashes(index),
        "files": _compressed(files),
    }
    (staging / MANIFEST).write_text(json.dumps(manifest, indent=0, sort_keys=True), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    staging.rename(target)


def is_prepared(target: Path, *, version: str, base: str) -> bool:
    """Whether `target` holds this version, for this path, by this recipe."""
    try:
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (manifest.get("recipe"), manifest.get("version"), manifest.get("base")) == (RECIPE, version, base)


def _kept(source: Path) -> Iterator[Path]:
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        dropped = relative.suffix == ".map" or relative.name in DROPPED_NAMES or relative.parts[0] in DROPPED_FOLDERS
        if path.is_file() and not dropped:
            yield relative


def _copy(source: Path, files: Path, relative: Path, base: str) -> None:
    target = files / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    at_root = len(relative.parts) == 1 and relative.suffix in {".js", ".css", ".html"}
    if at_root or relative.name == "manifest.json":
        text = (source / relative).read_text(encoding="utf-8")
        target.write_text(edited(relative.name, text, base), encoding="utf-8")
    else:
        shutil.copyfile(source / relative, target)


def _compressed(files: Path) -> dict[str, dict[str, object]]:
    paths = [path for path in sorted(files.rglob("*")) if path.is_file()]
    with ProcessPoolExecutor(max_workers=2) as pool:
        described = pool.map(_describe, paths)
        return {path.relative_to(files).as_posix(): asdict(one) for path, one in zip(paths, described, strict=True)}


def _describe(path: Path) -> Prepared:
    body = path.read_bytes()
    encodings: list[str] = []
    if path.suffix in COMPRESSIBLE and len(body) >= SMALLEST_WORTH_COMPRESSING:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(body, 6, mtime=0))
        path.with_name(path.name + ".br").write_bytes(brotli.compress(body, quality=8, lgwin=22))
        encodings = ["br", "gzip"]
    return Prepared(hashlib.sha256(body).hexdigest(), len(body), bool(HASHED.search(path.name)), tuple(encodings))
