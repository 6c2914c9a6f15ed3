"""ASGI entry point: `uvicorn ris.asgi:application`."""

from __future__ import annotations

import os
from typing import cast

from django.core.asgi import get_asgi_application

from viewer.body_limit import Application, BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ris.settings")

django = cast("Application", get_asgi_application())

from viewer.express import Express  # noqa: E402  they need the apps that were set up just now
from viewer.lifespan import Lifespan  # noqa: E402

application = Lifespan(BodyLimit(Express(django)))
