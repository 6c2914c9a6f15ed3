"""Forms and entries for the tests of the downtime."""

from tests.reporting.conftest import own_uids

__all__ = ["own_uids"]
