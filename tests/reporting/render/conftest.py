from __future__ import annotations

from tests.reporting.signing.conftest import key  # noqa: F401  a development key
