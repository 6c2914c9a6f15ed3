"""The starter set: written for Isocenter, to begin with and to change."""

from __future__ import annotations

from typing import Any

from reporting.templates.starter import abdomen, chest, head, others

STARTER: tuple[dict[str, Any], ...] = (*chest.ALL, *abdomen.ALL, *head.ALL, *others.ALL)
