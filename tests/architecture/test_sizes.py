"""Small files, small functions, thin views (DESIGN.md §10)."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.sources import CODE, files, functions, length, python_files, text

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONGEST_VIEW = 25
LONGEST_SCRIPT = 150


def test_no_python_file_is_longer_than_400_lines() -> None:
    long = {
        str(path): lines for path in python_files(*CODE, "tests", "deploy") if (lines := count(path)) > LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{path}:{node.lineno} {node.name} {length(node)}"
        for path in python_files(*CODE, "tests", "deploy")
        for node in functions(path)
        if length(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_view_is_longer_than_25_lines() -> None:
    views = [path for path in python_files(*CODE) if path.stem == "views" or "views" in path.parts]
    long = [
        f"{path}:{node.lineno} {node.name} {length(node)}"
        for path in views
        for node in functions(path)
        if length(node) > LONGEST_VIEW
    ]
    assert views != []
    assert long == []


def test_no_script_of_ours_is_longer_than_150_lines() -> None:
    scripts = [path for path in files() if path.suffix == ".js" and path.parts[:2] == ("static", "js")]
    assert {str(path): count(path) for path in scripts if count(path) > LONGEST_SCRIPT} == {}


def count(path: Path) -> int:
    return text(path).count("\n")
