"""The clock of the server against a time server: looked at by a timer, shown to administrators, asked at signing."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from reporting.timekeeping.sntp import NoTime, offset
from ris.accounts.models import User
from ris.core.panels import Card, Panel

KEY: Final = "reporting.clock"
EVERY: Final = 60.0
KEPT: Final = 300  # when nobody looks any more, nothing old counts
MOST: Final = 300.0  # seconds


def look() -> None:
    """Ask the time server and keep what it said. Run by `run_deliveries`."""
    if not settings.NTP_SERVER:
        return
    try:
        found: float | str = offset(settings.NTP_SERVER)
    except NoTime as error:
        found = str(error)
    cache.set(KEY, found, KEPT)


def off_by() -> float | None:
    """Seconds that our clock was ahead (behind: negative) when it was looked at last; None when that is not known."""
    found = cache.get(KEY)
    return found if isinstance(found, float) else None


def is_wrong() -> bool:
    """Whether nothing may be signed by this clock."""
    found = off_by()
    return found is not None and abs(found) > MOST


def problems() -> list[tuple[str, str]]:
    """(what, what to do), as of the last minutes."""
    found = cache.get(KEY)
    if isinstance(found, str):
        return [("The time server was asked in vain.", f"NTP_SERVER: {found}. Nobody watches the clock meanwhile.")]
    if found is None or abs(found) <= MOST:
        return []
    way = "ahead" if found > 0 else "behind"
    return [(f"The server's clock is {abs(found) / 60:.0f} min {way}.", "Set it right: nothing is signed until then.")]


def found_for(user: User) -> list[tuple[str, str]]:
    """For those who look after deliveries."""
    return problems() if user.may("delivery.manage", None) else []


def home_cards(user: User) -> list[Card]:
    found = found_for(user)
    page = reverse("events:deliveries")
    return [Card("Clock of the server", len(found), page, found[0][0], urgent=is_wrong())] if found else []


def deliveries_panel(user: User) -> list[Panel]:
    found = found_for(user)
    return [Panel("Clock of the server", "dicom/_health.html", {"warnings": found})] if found else []
