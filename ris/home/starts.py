"""What a person can begin from the home page, by permission; the order is the order of an exam's journey."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from ris.accounts.models import User
from ris.home.navigation import STAFF, may_somewhere


@dataclass(frozen=True, slots=True)
class Start:
    """One thing to begin: a link with a sentence and a key."""

    title: str
    hint: str
    url_name: str
    permission: str
    icon: str
    key: str

    @property
    def url(self) -> str:
        return reverse(self.url_name)


STARTS = (
    Start("Find a patient", "By name or any patient number.", "patients:list", "patient.view", "search", "p"),
    Start("Register a patient", "After a search.", "patients:register", "patient.register", "person-plus", "n"),
    Start("Open the day board", "Book, move, arrive.", "scheduling:day", "schedule.view", "calendar-day", "d"),
    Start("Run the exams", "Who is here, what runs.", "worklist:technologist", "step.perform", "activity", "t"),
    Start("Read the next exam", "Urgent first.", "worklist:reading-list", "reading.list", "eyeglasses", "r"),
    Start("Find a report", "Signed and drafted, of your sites.", "reporting:archive", "report.view", "search", "f"),
    Start("Look after deliveries", "Queued or parked.", "events:deliveries", "delivery.manage", "send", "e"),
    Start("Look into the audit trail", "Who did what, when.", "audit:trail", "audit.view", "shield-check", "a"),
    Start("Administer", "Users, sites, rooms, devices, procedures, templates.", "admin:index", STAFF, "gear", "m"),
)


def starts_for(user: User) -> list[Start]:
    return [start for start in STARTS if may_somewhere(user, start.permission)]
