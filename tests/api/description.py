"""The API's description as programs get it."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.generators import SchemaGenerator


def described() -> dict[str, Any]:
    """OpenAPI as plain JSON data."""
    text = json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str)
    schema: dict[str, Any] = json.loads(text)
    return schema
