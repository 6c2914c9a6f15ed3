from __future__ import annotations

from tests.ris.notifications.servers import gateway, mail_server

__all__ = ["gateway", "mail_server"]
