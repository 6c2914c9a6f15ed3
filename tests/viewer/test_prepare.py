"""Preparing and fetching OHIF: the recipe on a small build of the same shape, and the real one when it is there."""

from __future__ import annotations

import base64
import gzip
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from viewer.ohif import fetch, minify
from viewer.ohif.errors import PreparationError
from viewer.ohif.library import BASE, library
from viewer.ohif.prepare import edited, is_prepared, prepare, script_hashes

INDEX = (
    '<html><head><script>window.PUBLIC_URL="/"</script><link rel="icon" href="/assets/favicon.ico">'
    '<script src="/app-config.js"></script><script type="module" src="/init-service-worker.js"></script>'
    '<title>OHIF Viewer</title><script>function f(n){return import(n)}window.PUBLIC_URL="/"</script>'
    '<script defer src="/app.bundle.0123456789abcdef.js"></script>'
    '<link href="/app.bundle.css" rel="stylesheet"></head></html>'
)
STYLES = 'u.miniCssF = (chunkId) => { return "" + chunkId + ".css"; };\n'
APP = (
    f"__webpack_require__.p = \"/\";\nbrowserImportFunction('/dicom-microscopy-viewer/x.js');\n{STYLES}"
    + "// filler\n" * 200
)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """The shape of the published build, small."""
    root = tmp_path / "dist"
    (root / "ort").mkdir(parents=True)
    (root / "assets").mkdir()
    files = {
        "index.html": INDEX,
        "app.bundle.0123456789abcdef.js": APP,
        "app.bundle.css": "@font-face{src:url(/a.woff2)}",
        "7.bundle.0123456789abcdef.js": "1",
        "manifest.json": '{"icons":[{"src":"/assets/a.png"}]}',
        "sw.js": "1",
        "app.bundle.0123456789abcdef.js.map": "1",
        "init-service-worker.js": "1",
        "ort/big.wasm": "1",
        "assets/favicon.ico": "icon",
    }
    for name, text in files.items():
        (root / name).write_text(text)
    return root


def test_the_build_moves_to_its_path(build: Path, tmp_path: Path) -> None:
    target = tmp_path / "ohif"
    prepare(build, target, version="1", base=BASE)
    index = (target / "files/index.html").read_text()
    app = script_of(target).read_text()
    assert index.count(f'window.PUBLIC_URL="{BASE}"') == 2
    assert f'href="{BASE}assets/favicon.ico"' in index
    assert f'src="{BASE}app-config.js"' in index
    assert "service-worker" not in index
    assert f'__webpack_require__.p = "{BASE}";' in app
    assert f"browserImportFunction('{BASE}dicom-microscopy-viewer/" in app
    (style,) = (target / "files").glob("*.css")
    assert f"url({BASE}a.woff2)" in style.read_text()


def script_of(target: Path) -> Path:
    (found,) = (target / "files").glob("app.bundle.*.js")
    return found


def test_names_tell_the_content_and_everything_is_found_under_them(build: Path, tmp_path: Path) -> None:
    prepare(build, tmp_path / "one", version="1", base=BASE)
    (build / "app.bundle.css").write_text("body{}")
    prepare(build, tmp_path / "two", version="1", base=BASE)
    names = []
    for target in (tmp_path / "one", tmp_path / "two"):
        (style,) = (target / "files").glob("*.css")
        index, script = (target / "files/index.html").read_text(), script_of(target)
        assert f'href="{BASE}{style.name}"' in index
        assert f'src="{BASE}{script.name}"' in index
        assert f'"" + chunkId + "{style.name.removeprefix("app.bundle")}"' in script.read_text()
        names.append({style.name, script.name})
    assert names[0].isdisjoint(names[1]), "other content, other names"
    assert "app.bundle.0123456789abcdef.js" not in names[0], "it is not what was published"


def test_a_build_that_names_its_styles_otherwise_is_refused(build: Path, tmp_path: Path) -> None:
    (build / "app.bundle.0123456789abcdef.js").write_text(APP.replace("miniCssF", "other"))
    with pytest.raises(PreparationError, match="does not name its styles"):
        prepare(build, tmp_path / "ohif", version="1", base=BASE)


def test_what_is_not_needed_is_left_out(build: Path, tmp_path: Path) -> None:
    prepare(build, tmp_path / "ohif", version="1", base=BASE)
    shelf = library(tmp_path / "ohif")
    assert shelf is not None
    app, style = (next(n for n in shelf.files if n.startswith("app.") and n.endswith(end)) for end in (".js", ".css"))
    assert sorted(shelf.files) == [
        "7.bundle.0123456789abcdef.js",
        *sorted([app, style]),
        "assets/favicon.ico",
        "index.html",
        "manifest.json",
    ]


def test_files_are_compressed_twice_and_hashed_names_never_change(build: Path, tmp_path: Path) -> None:
    prepare(build, tmp_path / "ohif", version="1", base=BASE)
    shelf = library(tmp_path / "ohif")
    assert shelf is not None
    name = script_of(tmp_path / "ohif").name
    plain = shelf.read(name)
    assert (gzip.decompress(shelf.read(name, "gzip")), brotli.decompress(shelf.read(name, "br"))) == (plain, plain)
    assert shelf.files[name].sha256 == hashlib.sha256(plain).hexdigest()
    immutable = {one: shelf.files[one].immutable for one in shelf.files}
    assert {one for one in immutable if not immutable[one]} == {"assets/favicon.ico", "index.html", "manifest.json"}


def test_the_policy_names_exactly_the_inline_scripts(build: Path, tmp_path: Path) -> None:
    prepare(build, tmp_path / "ohif", version="1", base=BASE)
    shelf = library(tmp_path / "ohif")
    assert shelf is not None
    body = f'window.PUBLIC_URL="{BASE}"'.encode()
    expected = f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'"
    assert shelf.scripts[0] == expected
    assert len(shelf.scripts) == 2
    assert f"script-src 'self' {' '.join(shelf.scripts)};" in shelf.document_policy
    assert "unsafe-eval" not in shelf.document_policy


def test_an_unknown_build_is_refused_and_the_old_one_stays(build: Path, tmp_path: Path) -> None:
    target = tmp_path / "ohif"
    prepare(build, target, version="1", base=BASE)
    (build / "app.bundle.0123456789abcdef.js").write_text("something else")
    with pytest.raises(PreparationError, match="not the one the recipe knows"):
        prepare(build, target, version="2", base=BASE)
    assert is_prepared(target, version="1", base=BASE)


@pytest.mark.parametrize(("version", "base"), [("2", BASE), ("1", "/elsewhere/")])
def test_another_version_or_path_is_not_prepared(build: Path, tmp_path: Path, version: str, base: str) -> None:
    prepare(build, tmp_path / "ohif", version="1", base=BASE)
    assert is_prepared(tmp_path / "ohif", version="1", base=BASE)
    assert not is_prepared(tmp_path / "ohif", version=version, base=base)
    assert not is_prepared(tmp_path / "nothing", version="1", base=BASE)


def test_addresses_of_other_hosts_are_left_alone() -> None:
    assert edited("x.css", "url(//cdn/x.woff2) url(data:x)", BASE) == "url(//cdn/x.woff2) url(data:x)"


def test_only_inline_scripts_count() -> None:
    assert len(script_hashes('<script src="/a.js"></script><script>1</script>')) == 1


# Making smaller


@pytest.fixture(scope="module")
def minifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pinned one, as `fetch_ohif` uses it."""
    tarball = fetch.fetch(Path(settings.BUILD_DIR) / "npm", fetch.MINIFIER)
    return fetch.unpack(tarball, tmp_path_factory.mktemp("minifier") / "unpacked")


SCRIPT = """(() => { // a remark
  class Length { static label = "Länge" }
  const difference = (first, second) => { const longName = first - second; return longName; };
  const parts = [Length.label, difference(44, 2), /^(\u0642|ب)$/.test("ب"), new Uint8Array(1).constructor.name];
  globalThis.answer = parts.join(" ");
})();"""


def test_a_smaller_script_does_the_same(minifier: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    script = files / "app.js"
    script.write_text(SCRIPT, encoding="utf-8")
    minify.scripts(files, minifier)
    assert [path.name for path in tmp_path.iterdir()] == ["files"]
    small = script.read_text(encoding="utf-8")
    assert "remark" not in small
    assert len(small) < len(SCRIPT) * 0.8
    said = subprocess.run(
        ["node", "-e", small + "\nconsole.log(answer)"], capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "Länge 42 true Uint8Array"


def test_a_script_that_is_none_is_told_and_nothing_is_replaced(minifier: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "app.js").write_text("const = 1;")
    with pytest.raises(PreparationError, match=r"(?s)could not be made smaller.*app\.js"):
        minify.scripts(files, minifier)
    assert (files / "app.js").read_text() == "const = 1;"


def test_the_build_is_made_smaller_before_it_is_compressed(build: Path, tmp_path: Path) -> None:
    name = "app.bundle.0123456789abcdef.js"
    prepare(build, tmp_path / "ohif", version="1", base=BASE, shrink=lambda files: _replace(files / name, STYLES * 300))
    shelf = library(tmp_path / "ohif")
    assert shelf is not None
    small = script_of(tmp_path / "ohif").name
    assert brotli.decompress(shelf.read(small, "br")) == shelf.read(small)
    assert shelf.read(small).count(b"miniCssF") == 300


def _replace(path: Path, text: str) -> None:
    path.write_text(text)


# Fetching


def npm(monkeypatch: pytest.MonkeyPatch, *, stderr: str = "", writes: bytes | None = None) -> None:
    """npm as it behaves without network, or with a registry that delivers something else."""

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        if writes is not None:
            (Path(command[command.index("--pack-destination") + 1]) / fetch.OHIF.tarball).write_bytes(writes)
            return subprocess.CompletedProcess(command, 0, "", "")
        raise subprocess.CalledProcessError(1, command, "", stderr)

    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/npm")
    monkeypatch.setattr(subprocess, "run", run)


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("npm error code ENOTFOUND", "could not be reached"),
        ("npm error code ECONNREFUSED", "could not be reached"),
        ("npm error code E404", "does not offer"),
        ("npm error ENOSPC: no space left on device", "disk is full"),
    ],
)
def test_a_failed_fetch_says_why_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str, words: str
) -> None:
    npm(monkeypatch, stderr=stderr)
    with pytest.raises(fetch.FetchError, match=words):
        fetch.fetch(tmp_path)


def test_a_tarball_with_another_hash_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(monkeypatch, writes=b"something else")
    with pytest.raises(fetch.FetchError, match="pinned hash"):
        fetch.fetch(tmp_path)
    assert not (tmp_path / fetch.OHIF.tarball).exists()


def test_without_npm_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    settings.OHIF_DIR, settings.BUILD_DIR = tmp_path / "ohif", tmp_path / "build"
    with pytest.raises(CommandError, match="npm is not installed"):
        call_command("fetch_ohif", verbosity=0)


def test_a_tarball_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    evil = tmp_path / "evil.tgz"
    (tmp_path / "x").write_text("x")
    with tarfile.open(evil, "w:gz") as archive:
        archive.add(tmp_path / "x", arcname="../../escaped")
    with pytest.raises((fetch.FetchError, tarfile.TarError)):
        fetch.unpack(evil, tmp_path / "unpacked")
    assert not (tmp_path.parent / "escaped").exists()


def test_fetching_again_changes_nothing(build: Path, tmp_path: Path, settings: Settings) -> None:
    settings.OHIF_DIR = tmp_path / "ohif"
    prepare(build, tmp_path / "ohif", version=fetch.VERSION, base=BASE)
    before = (tmp_path / "ohif/prepared.json").stat().st_mtime_ns
    call_command("fetch_ohif", verbosity=0)
    assert (tmp_path / "ohif/prepared.json").stat().st_mtime_ns == before


def test_the_real_build_keeps_every_address_under_its_path() -> None:
    shelf = library(Path(settings.OHIF_DIR))
    assert shelf is not None, "run `manage.py fetch_ohif` first"
    assert (shelf.version, len(shelf.scripts)) == (fetch.VERSION, 2)
    roots = [name for name in shelf.files if "/" not in name and name.endswith((".js", ".css", ".html"))]
    assert len(roots) > 60
    app = next(name for name in roots if name.startswith("app.bundle.") and name.endswith(".js"))
    assert f'"{BASE}"' in shelf.read(app).decode()
    assert {name for name in roots if not shelf.files[name].immutable} == {"index.html"}
    assert shelf.files[app].size < 9_000_000, "it is to be made smaller"
    for name in roots:
        text = shelf.read(name).decode()
        assert '__webpack_require__.p = "/";' not in text, name
        assert "url(/assets" not in text, name
