"""The main menu as a table: who may, sees."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from ris.accounts.models import User

STAFF = "staff"
REPORTS, DEPARTMENT, SYSTEM = "Reports", "Department", "System"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: shown to those who hold `permission` at any of their sites (empty: everybody).

    What is seldom used has a `group`, the heading that it stands below under “More”.
    """

    label: str
    url_name: str
    permission: str
    icon: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it stands on a page; one of a group stands under “More” where there are several such."""

    label: str
    url: str
    icon: str
    current: bool
    group: str = ""


MENU = (
    Entry("Home", "home", "", "house"),
    Entry("Patients", "patients:list", "patient.view", "people"),
    Entry("Orders", "orders:list", "order.view", "clipboard2-pulse"),
    Entry("To protocol", "orders:protocols", "order.protocol", "clipboard2-check"),
    Entry("Day board", "scheduling:day", "schedule.view", "calendar-day"),
    Entry("Technologist board", "worklist:technologist", "step.perform", "activity"),
    Entry("Reading list", "worklist:reading-list", "reading.list", "eyeglasses"),
    Entry("Critical findings", "reporting:critical", "report.view", "exclamation-circle"),
    Entry("Reports", "reporting:archive", "report.view", "file-earmark-text"),
    Entry("Studies", "worklist:studies", "study.list", "images"),
    Entry("Devices", "worklist:devices", "device.manage", "hdd-network"),
    Entry("To sign", "reporting:to-sign", "report.write", "check-circle", REPORTS),
    Entry("Dictations", "reporting:dictation-queue", "report.transcribe", "file-earmark-text", REPORTS),
    Entry("Autotexts", "reporting:autotexts", "report.write", "file-earmark-text", REPORTS),
    Entry("Wet reads", "worklist:wet-reads", "report.view", "lightning-charge", REPORTS),
    Entry("Print reports", "reporting:to-print", "report.view", "file-earmark-text", REPORTS),
    Entry("Signing keys", "reporting:signing-keys", "report.write", "shield-check", REPORTS),
    Entry("Dashboards", "dashboards:dashboard", "figures.view", "activity", DEPARTMENT),
    Entry("Charges", "reporting:billing", "site.manage", "file-earmark-text", DEPARTMENT),
    Entry("Incidents", "worklist:incidents", "site.manage", "exclamation-triangle", DEPARTMENT),
    Entry("Emergency access", "viewer:emergency", "study.break_glass", "exclamation-circle", DEPARTMENT),
    Entry("Emergency accesses", "viewer:emergency-accesses", "glass.review", "shield-check", DEPARTMENT),
    Entry("Downtime", "downtime:overview", "downtime.view", "cloud-slash", DEPARTMENT),
    Entry("HL7 messages in", "hl7:incoming", "interface.view", "hdd-network", SYSTEM),
    Entry("Deliveries", "events:deliveries", "delivery.manage", "send", SYSTEM),
    Entry("Audit trail", "audit:trail", "audit.view", "shield-check", SYSTEM),
    Entry("Admin", "admin:index", STAFF, "gear", SYSTEM),
)


def may_somewhere(user: User, permission: str) -> bool:
    """Whether the user holds the permission at any of their sites, or over the installation."""
    if permission == STAFF:
        return user.is_staff
    return not permission or user.may(permission, None)


def links(user: User, view_name: str) -> list[Link]:
    """The menu of one person; `view_name` is the page they are on."""
    here = _current(view_name)
    shown = [entry for entry in MENU if may_somewhere(user, entry.permission)]
    return [
        Link(entry.label, reverse(entry.url_name), entry.icon, entry.url_name == here, entry.group) for entry in shown
    ]


def folded(all_links: list[Link]) -> tuple[list[Link], list[Link]]:
    """What stands on the bar, and what under “More”; a menu of one line would only be a longer way."""
    rare = [link for link in all_links if link.group]
    if len(rare) < 2:
        return all_links, []
    return [link for link in all_links if not link.group], rare


def _current(view_name: str) -> str:
    """The entry to mark: the page itself, else the only entry of its part of the site, else that part's list."""
    names = [entry.url_name for entry in MENU]
    if view_name in names:
        return view_name
    namespace = view_name.partition(":")[0]
    family = [name for name in names if ":" in name and name.partition(":")[0] == namespace]
    lists = [name for name in family if name.endswith(":list")]
    return family[0] if len(family) == 1 else next(iter(lists), "")
