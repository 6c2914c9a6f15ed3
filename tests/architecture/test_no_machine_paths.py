"""Nothing committed knows the machine that it was written on, or where its packages were downloaded from."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.architecture.sources import ROOT, files, text

BINARY = {".ttf", ".woff2", ".png", ".ico", ".jpg", ".dcm", ".pdf"}
OF_A_MACHINE = re.compile(r"(?<![\w.~-])/(work/(main|shared)|tmp/team|root/\.|Users/)")
A_REGISTRY = re.compile(r"https?://[\w.-]*(pypi|npmjs|registry|mirror|pythonhosted|deb\.)[\w.-]*", re.IGNORECASE)
INDEX_OPTION = re.compile(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b", re.MULTILINE)


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    own = {str(ROOT), str(Path.home())} - {"/", "/root", "/srv", "/app"}
    named = {str(path) for path in readable() if OF_A_MACHINE.search(text(path)) or any(o in text(path) for o in own)}
    assert named == set()


def test_no_file_names_a_package_server() -> None:
    assert {str(path) for path in readable() if A_REGISTRY.search(text(path))} == set()


def test_requirements_do_not_say_where_to_download() -> None:
    lists = [path for path in files() if path.name.startswith("requirements")]
    assert len(lists) == 4
    assert [str(path) for path in lists if INDEX_OPTION.search(text(path))] == []


def test_the_npm_lock_holds_checksums_and_no_addresses() -> None:
    packages = json.loads(text(Path("package-lock.json")))["packages"]
    downloaded = [entry for name, entry in packages.items() if name]
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in downloaded)


def readable() -> list[Path]:
    return [path for path in files() if path.suffix not in BINARY]
