"""What the downtime page says of a site: how old its list is, and how many forms are left."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from ris.accounts.models import Site, User
from ris.downtime import permissions
from ris.downtime.contents import age_in_words
from ris.downtime.models import DowntimeForm, Snapshot, SnapshotRule

FEW_FORMS = 10


@dataclass(frozen=True, slots=True)
class SiteState:
    """`alarm` says in words what is wrong with the list, and what to do; empty when all is well."""

    site: Site
    newest: Snapshot | None
    older: list[Snapshot]
    age: str
    alarm: str
    fault: str
    stock: dict[str, int]
    rights: dict[str, bool]

    @property
    def few_forms(self) -> bool:
        return self.stock.get("unused", 0) < FEW_FORMS


def states_of(user: User) -> list[SiteState]:
    """One for each site whose downtime the person looks after."""
    return [state_of(site, user) for site in Site.objects.filter(pk__in=user.sites_where("downtime.view"))]


def state_of(site: Site, user: User) -> SiteState:
    rule = SnapshotRule.objects.filter(site=site).first()
    snapshots = list(Snapshot.objects.filter(site=site)[:5])
    newest = snapshots[0] if snapshots else None
    counted = DowntimeForm.objects.filter(site=site).order_by().values_list("state").annotate(Count("pk"))
    return SiteState(
        site=site,
        newest=newest,
        older=snapshots[1:],
        age=age_in_words(newest.made_at) if newest else "",
        alarm=alarm_of(rule, newest),
        fault=rule.fault if rule else "",
        stock=dict(counted),
        rights={
            "print": permissions.may_print(user, site.pk),
            "enter": permissions.may_enter(user, site.pk),
            "snapshot": permissions.may_open_snapshot(user, site.pk),
            "manage": permissions.may_manage(user, site.pk),
        },
    )


def alarm_of(rule: SnapshotRule | None, newest: Snapshot | None) -> str:
    if rule is None:
        return "No list is made, because no passphrase is set. An administrator of the site sets it here."
    if newest is None:
        return (
            "No list was made yet. If none appears within two minutes, tell whoever runs Isocenter that run_deliveries "
            "stands still."
        )
    if newest.is_stale:
        return (
            f"The newest list is {age_in_words(newest.made_at)}. One is made every 15 minutes: tell whoever runs "
            "Isocenter that run_deliveries stands still, and do not rely on this list."
        )
    return ""
