"""Every address of the resolver by its name."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def named(inside: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, str]]:
    """(name, route) of each pattern; of the admin only its front page, the rest asks it by itself."""
    for entry in (inside or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from named(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern) and not _of_the_admin(namespace, entry):
            yield f"{namespace}{entry.name or ''}", str(entry.pattern)


def _of_the_admin(namespace: str, entry: URLPattern) -> bool:
    return namespace == "admin:" and entry.name != "index"
