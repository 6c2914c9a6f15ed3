"""What is wrong with the archive that runs: asked by a timer, never by a page, and shown to administrators."""

from __future__ import annotations

from django.core.cache import cache
from django.urls import reverse

from ris.accounts.models import User
from ris.core.panels import Card, Panel
from ris.dicom.archive import get_archive, health

KEY = "dicom.archive-health"
EVERY = 60.0
# Longer than a few rounds: when nobody asks any more, nothing old is shown.
KEPT = 300
PATIENCE = 5.0


def look() -> None:
    """Ask the archive and keep the answer. Run by `run_deliveries`."""
    found = health.warnings(get_archive(patience=PATIENCE))
    cache.set(KEY, [(message.msg, message.hint or "") for message in found], KEPT)


def warnings_for(user: User) -> list[tuple[str, str]]:
    """(what, what to do), for those who look after deliveries; as of the last minute."""
    return cache.get(KEY, []) if user.may("delivery.manage", None) else []


def home_cards(user: User) -> list[Card]:
    found = warnings_for(user)
    page = reverse("events:deliveries")
    return [Card("Archive warnings", len(found), page, found[0][0], urgent=True)] if found else []


def deliveries_panel(user: User) -> list[Panel]:
    found = warnings_for(user)
    return [Panel("Archive", "dicom/_health.html", {"warnings": found})] if found else []
