from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class CoreConfig(AppConfig):
    name = "ris.core"
    label = "core"

    def ready(self) -> None:
        if settings.CELERY_BROKER_URL.startswith("filesystem"):
            for name in ("queue", "control", "processed"):
                (settings.BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
