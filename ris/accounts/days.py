"""Which day it is, for what is typed before anybody knows at which site."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone

from ris.accounts.models import Site


def newest_day() -> date:
    """Today at the easternmost site: what lies after it is in the future at all of them. One query."""
    zones = Site.objects.order_by().values_list("time_zone", flat=True).distinct()
    return max((timezone.localdate(timezone=ZoneInfo(zone)) for zone in zones), default=timezone.localdate())
