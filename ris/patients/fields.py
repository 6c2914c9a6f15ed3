"""A column whose order is that of its bytes, on every database."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

COLLATIONS = {"postgresql": "C", "sqlite": "BINARY"}


class BytewiseField(models.CharField[str, str]):
    """Text that is compared byte by byte, so that what begins alike stands together whatever the server's locale."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        return {**super().db_parameters(connection), "collation": COLLATIONS[connection.vendor]}
