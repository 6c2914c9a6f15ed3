"""ASGI entry point: `uvicorn ris.asgi:application`."""

from __future__ import annotations

import os
from typing import cast

from django.core.asgi import get_asgi_application

from viewer.body_limit import Application, BodyLimit
from viewer.lifespan import Lifespan

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ris.settings")

application = Lifespan(BodyLimit(cast("Application", get_asgi_application())))
