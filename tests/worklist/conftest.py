"""UIDs of a test's own, since the archive of the run outlives the database of a test."""

from tests.reporting.conftest import own_uids

__all__ = ["own_uids"]
