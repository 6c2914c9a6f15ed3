"""What the home page says of a downtime: that nobody is prepared for it, or that forms wait to be entered."""

from __future__ import annotations

from django.urls import reverse

from ris.accounts.models import Site, User
from ris.core.panels import Card
from ris.downtime.models import Snapshot, SnapshotRule
from ris.downtime.state import alarm_of


def home_cards(user: User) -> list[Card]:
    """Sites whose list for a downtime is missing or old, for those who can do something about it."""
    sites = Site.objects.filter(pk__in=user.sites_where("site.manage") & user.sites_where("downtime.view"))
    rules = {rule.site_id: rule for rule in SnapshotRule.objects.filter(site__in=sites)}
    alarmed = [site for site in sites if alarm_of(rules.get(site.pk), Snapshot.objects.filter(site=site).first())]
    if not alarmed:
        return []
    hint = "The list that opens without the RIS is old or missing."
    return [Card("Not ready for a downtime", len(alarmed), reverse("downtime:overview"), hint, urgent=True)]
