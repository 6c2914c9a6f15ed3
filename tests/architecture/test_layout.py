"""What stands where, and under which name (DESIGN.md §2)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from tests.architecture.sources import CODE, ROOT, files, python_files, text

TOP_LEVEL = re.compile(
    r"manage\.py|ris|worklist|reporting|viewer|templates|static|tests|docs|deploy"
    r"|README\.md|CHANGELOG\.md|CONTRIBUTING\.md|SECURITY\.md|LICENSE|Makefile|pyproject\.toml"
    r"|requirements[a-z-]*\.(in|txt)|package(-lock)?\.json|\..+"
)
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "services",
    "service",
    "managers",
    "manager",
    "common",
    "misc",
    "tools",
}
UNLAYERED = {"ris.env"}  # reads the environment for settings; imports nothing of ours


def test_nothing_else_stands_at_the_top_level() -> None:
    assert [name for name in sorted({path.parts[0] for path in files()}) if not TOP_LEVEL.fullmatch(name)] == []


def test_no_module_is_a_drawer() -> None:
    names = {path: {path.stem, *path.parts[:-1]} for path in python_files(*CODE)}
    assert {str(path): found for path, parts in names.items() if (found := parts & DRAWERS)} == {}


def test_every_package_of_ris_has_its_place_in_the_layers() -> None:
    modules = {
        ".".join(path.with_suffix("").parts[:2]) for path in python_files("ris") if path != Path("ris/__init__.py")
    }
    assert modules - layered() == UNLAYERED


def test_every_app_follows_the_order_of_its_modules() -> None:
    contract = next(contract for contract in contracts() if contract["id"] == "modules")
    apps = {".".join(path.parent.parts) for path in python_files(*CODE) if path.name == "models.py"}
    assert apps - set(contract["containers"]) == set()


def test_translators_stay_in_the_contract_of_pure_modules() -> None:
    pure = set(next(contract for contract in contracts() if contract["id"] == "pure")["source_modules"])
    assert pure >= {"ris.dicom.datasets", "worklist.matching", "worklist.mwl.query", "reporting.sr", "reporting.render"}


def layered() -> set[str]:
    """The modules that the contract of the apps names."""
    contract = next(contract for contract in contracts() if contract["id"] == "apps")
    return {name.strip(" ()") for layer in contract["layers"] for name in re.split(r"[:|]", layer)}


def contracts() -> list[dict[str, Any]]:
    assert (ROOT / "pyproject.toml").exists()
    found: list[dict[str, Any]] = tomllib.loads(text(Path("pyproject.toml")))["tool"]["importlinter"]["contracts"]
    return found
