"""What waits, for the home page."""

from __future__ import annotations

from django.urls import reverse

from ris.accounts.models import User
from ris.core.panels import Card
from ris.orders.models import PRIORITY_RANK
from worklist.attention.rows import grown_tasks, unclosed_steps
from worklist.lifecycle import READING, REHOMING
from worklist.models import ReadingTask, Study, WrongPatient
from worklist.rehoming.rows import Rehoming


def home_cards(user: User) -> list[Card]:
    """Cases to read, one's own drafts, and studies that fit no order."""
    return [*_reading(user), *_unclosed(user), *_reconcile(user)]


def _reading(user: User) -> list[Card]:
    if not user.may("reading.list", None):
        return []
    tasks = ReadingTask.objects.visible_to(user)
    free = tasks.filter(state__in=READING.groups["free"])
    mine = tasks.filter(state__in=READING.groups["mine"], claimed_by=user)
    stat = free.filter(rank__lt=PRIORITY_RANK["ROUTINE"]).exists()
    url = reverse("worklist:reading-list")
    cards = [
        Card("To read", free.count(), url, "Most urgent first. Open one and it is yours.", urgent=stat),
        Card("Begun by me", mine.count(), f"{url}?whose=mine", "Finish and sign, or give them back."),
    ]
    if grown := grown_tasks(user).count():
        hint = "Look at them, and say whether the report stands."
        cards.append(Card("Images after the report", grown, reverse("worklist:grown"), hint, urgent=True))
    return cards


def _unclosed(user: User) -> list[Card]:
    if not user.may("step.perform", None):
        return []
    count = unclosed_steps(user).count()
    return [Card("Unclosed exams", count, reverse("worklist:unclosed"), "Begun long ago; nobody said that they ended.")]


def _reconcile(user: User) -> list[Card]:
    if not user.may("study.reconcile", None):
        return []
    lost = Study.objects.to_reconcile(user).count()
    wrong = WrongPatient.objects.visible_to(user).waiting().count()
    hint, closed = "Images that fit no order by themselves.", "Images under another person's name, closed to everybody."
    return [
        Card("Unmatched studies", lost, reverse("worklist:queue"), hint, urgent=lost > 0),
        Card("Wrong patient", wrong, reverse("worklist:wrong-patients"), closed, urgent=wrong > 0),
        *_stuck(user),
    ]


def _stuck(user: User) -> list[Card]:
    """Moves of studies that a person must look at; nothing when there is none."""
    stuck = Rehoming.objects.visible_to(user).filter(state__in=REHOMING.groups["failed"]).count()
    hint = "Studies that could not be moved in the archive. Nothing of them was lost."
    return [Card("Stuck moves", stuck, reverse("worklist:rehomings"), hint, urgent=True)] if stuck else []
