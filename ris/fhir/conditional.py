"""Conditional create (R4 §3.1.0.8.1): the same request twice makes one resource."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from ris.accounts.models import Submission, User
from ris.core.errors import DomainError
from ris.fhir.mapping.datatypes import Json
from ris.fhir.search.reading import asked_of
from ris.fhir.search.values import Wrong

if TYPE_CHECKING:
    from ris.fhir.resources.station import Station


class Several(DomainError):
    """If-None-Exist finds more than one: which is meant?"""

    status = 412
    code = "several"


@contextmanager
def one_at_a_time(*about: object) -> Iterator[None]:
    """Whoever makes the same thing waits until this is made, or has failed; inside a transaction.

    The row is gone again at the end: it is its insertion that the other's waits for.
    """
    digest = hashlib.sha256(repr(about).encode()).hexdigest()
    with transaction.atomic():
        turn = Submission.objects.create(digest=digest, at=timezone.now())
    yield
    turn.delete()


def the_one(station: Station, user: User, condition: str) -> Json | None:
    """What If-None-Exist finds; None without one. Raises Wrong, Several."""
    if not condition:
        return None
    asked = asked_of(station, QueryDict(condition.lstrip("?")), user)
    if not asked.tests and not asked.chained:
        raise Wrong("If-None-Exist", "It must say what is looked for.")
    found = station.search(user, replace(asked, count=2, cursor=""))  # whatever page it asks for, it must be met
    if found.total > 1:
        raise Several("If-None-Exist finds more than one.")
    return found.resources[0] if found.resources else None
