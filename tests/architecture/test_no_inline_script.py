"""Our pages live under `script-src 'self'; style-src 'self'`: nothing inline, in no template (DESIGN.md §8)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import files, text

COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
RULES = {
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "a script that is no module": re.compile(r"<script\b(?![^>]*\btype=[\"']?module\b)", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"[\"']\s*javascript:", re.IGNORECASE),
    "htmx that evaluates": re.compile(r"<[^>]*\shx-(on|vals=[\"']js:)", re.IGNORECASE),
    "something from another host": re.compile(
        r"<(script|link|img|iframe)\b[^>]*\b(src|href)=[\"'](https?:)?//", re.IGNORECASE
    ),
}
PLANTED = {
    "a script without src": "<script type=module>alert()</script>",
    "a script that is no module": '<script src="/static/js/old.js"></script>',
    "a style element": "<style>p { color: red }</style>",
    "a style attribute": '<p class="a" style="color: red">',
    "an event attribute": '<a href="#" onclick="go()">',
    "a javascript: address": '<a href="javascript:go()">',
    "htmx that evaluates": '<p hx-on:click="go()">',
    "something from another host": '<img src="https://elsewhere.example.org/pixel">',
}


@pytest.mark.parametrize("rule", RULES)
def test_no_template_contains(rule: str) -> None:
    templates = [path for path in files() if path.suffix == ".html" and "templates" in path.parts]
    assert templates != []
    assert [str(path) for path in templates if RULES[rule].search(markup(path))] == []


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_finds_what_is_planted(rule: str) -> None:
    assert RULES[rule].search(PLANTED[rule])
    assert not RULES[rule].search(
        '<script type="module" src="/static/js/theme.js"></script><p class="style">on = 1</p>'
    )


def markup(path: Path) -> str:
    """A template without its comments."""
    return COMMENT.sub("", text(path))
