"""One way to write a template down: nothing that says nothing, no stray blanks. Equal templates are equal data."""

from __future__ import annotations

from typing import Any

ONE_LINE = frozenset({"title", "name", "help", "scheme"})


def tidy(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sections or fields; what is not of their shape is left for the check to tell of."""
    return [_row(row) if isinstance(row, dict) else row for row in rows] if isinstance(rows, list) else rows


def _row(row: dict[str, Any]) -> dict[str, Any]:
    tidied = {name: _value(name, value) for name, value in row.items()}
    return {name: value for name, value in tidied.items() if not _says_nothing(value)}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _row(value)
    if isinstance(value, list):
        return [_row(item) if isinstance(item, dict) else item for item in value]
    if isinstance(value, str):
        if name == "label":  # a page puts its own colon, or none
            return one_line(value).rstrip(" :")
        return one_line(value) if name in ONE_LINE else value.replace("\r\n", "\n").replace("\r", "\n")
    return value


def one_line(text: str) -> str:
    return " ".join(text.split())


def _says_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})
