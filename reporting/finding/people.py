"""Whose reports are meant: people by a name that is like what was typed, and all that was written of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import models

from ris.accounts.days import newest_day
from ris.accounts.models import User
from ris.patients.finding.query import read
from ris.patients.finding.search import by_name
from ris.patients.models import Patient, of_people

MOST_PEOPLE = 5


def alike(text: str, user: User) -> list[int]:
    """The people at the user's sites whose name is most like the text: misspelt, by sound, or an earlier one."""
    return nearest(likenesses(text, user))


def likenesses(text: str, user: User) -> dict[int, float]:
    """How like the text the names of people at the user's sites are: 1 where each word of it is theirs."""
    return by_name(read(text, newest_day()), user.sites_where("report.view"), MOST_PEOPLE)


def nearest(likely: Mapping[int, float]) -> list[int]:
    return sorted(likely, key=lambda pk: (-likely[pk], pk))[:MOST_PEOPLE]


def written_of(people: Iterable[int]) -> models.Q:
    """Reports of these people, under every record that is theirs."""
    heads = [person.current_id for person in Patient.objects.filter(pk__in=list(people)[:MOST_PEOPLE])]
    return of_people("task__patient", heads)
