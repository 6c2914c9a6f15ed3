"""The prepared OHIF that the tests and benches show real images in; `make demo` prepares its own step by step."""

from __future__ import annotations

import os
import secrets

from deploy.setup import logged, places
from deploy.setup.screen import say


def require() -> None:
    """Have the pinned OHIF under `build/ohif`; quick when it is there. Raises SetupError when it cannot be had."""
    if not (places.BUILD / "ohif").exists():
        say("Fetching and preparing the OHIF viewer (50 MB, about a minute, once)")
    throwaway = {**os.environ, "SECRET_KEY": secrets.token_urlsafe(50)}
    logged.run("viewer", [str(places.PYTHON), str(places.ROOT / "manage.py"), "fetch_ohif"], throwaway)
