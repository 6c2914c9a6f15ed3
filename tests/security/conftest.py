"""The security tests run against the same hospital as the viewer's."""

from tests.viewer.conftest import database, hospital, pacs, rita

__all__ = ["database", "hospital", "pacs", "rita"]
