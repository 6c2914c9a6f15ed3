"""What every page knows of the installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, Any]:
    return {"demo": settings.DEMO, "brand": "Isocenter", "idle_seconds": settings.IDLE_SECONDS}
