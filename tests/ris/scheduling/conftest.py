from __future__ import annotations

from tests.ris.notifications.servers import gateway, mail_server
from tests.ris.scheduling.reminding import clock, desk

__all__ = ["clock", "desk", "gateway", "mail_server"]
