"""A station: one resource type with what it offers. The table of stations makes the addresses, search and metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.http import QueryDict

from ris import audit
from ris.accounts.models import User
from ris.core.errors import NotFound
from ris.core.http import get_or_404
from ris.fhir.mapping.capability import Claim
from ris.fhir.mapping.datatypes import Json
from ris.fhir.search.modifiers import said_of
from ris.fhir.search.ordering import NEWEST, Ordering
from ris.fhir.search.parameters import Parameter, Person, Reference
from ris.fhir.search.values import LARGEST_ID, alternatives

# The same words as get_or_404: nobody can tell what is hidden from what is not there.
NOWHERE = "There is no such page, or it is not yours to see."


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what was found; `cursor` is where the next one begins, "" after the last."""

    resources: Sequence[Json]
    total: int
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that was created; not `new` when it was there already (If-None-Exist)."""

    resource: Json
    new: bool


class Station:
    """What the doors need of a type. `needs` is the permission without which the answer is 403."""

    type: ClassVar[str]
    needs: ClassVar[str]
    what: ClassVar[str]
    interactions: ClassVar[tuple[str, ...]] = ("read", "search-type")
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    revincludes: ClassVar[tuple[str, ...]] = ()
    # The order in which a search answers unless another is asked for, as `_sort` names it.
    usual: ClassVar[str] = "-_id"

    def read(self, user: User, key: str, options: QueryDict) -> Json:
        """One resource, and the record that it was looked at. Raises NotFound."""
        raise NotImplementedError

    def search(self, user: User, asked: Asked) -> Page:
        raise NotImplementedError

    def some(self, user: User, keys: Iterable[str]) -> list[Json]:
        """Those of these ids that the person may see: for `_include`."""
        raise NotImplementedError

    def create(self, user: User, data: Any, condition: str) -> Made:
        raise NotImplementedError

    def parameter(self, name: str) -> Parameter | None:
        return next((one for one in self.parameters if one.name == name), None)

    @property
    def includes(self) -> tuple[str, ...]:
        """TYPE:parameter for each reference to a type that is served here."""
        return tuple(f"{self.type}:{one.name}" for one in self.parameters if isinstance(one, Reference) and one.element)

    def claim(self) -> Claim:
        return Claim(
            type=self.type,
            what=self.what,
            interactions=self.interactions,
            parameters=[(one.name, one.kind, said_of(one)) for one in self.parameters],
            includes=self.includes,
            revincludes=self.revincludes,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: (parameter, values) that all hold, how many rows (0: only their number), and where the page begins.

    `ignored`: names of parameters that a lenient search left out.
    """

    tests: Sequence[tuple[Parameter, str]]
    count: int
    cursor: str = ""
    chained: Sequence[models.Q] = ()
    order: Ordering = NEWEST
    ignored: Sequence[str] = ()

    @property
    def people(self) -> list[str]:
        """Which patients were named."""
        return [each for one, text in self.tests if isinstance(one, Person) for each in alternatives(text)]


class RowStation(Station):
    """A type whose resources are rows of one table, newest first."""

    model: ClassVar[type[models.Model]]
    write: ClassVar[Callable[[list[Any], User], list[Json]]]
    opened: ClassVar[str]

    def visible(self, user: User) -> models.QuerySet[Any]:
        raise NotImplementedError

    def listed(self, user: User) -> models.QuerySet[Any]:
        """What a search looks through, where that is less than what can be read."""
        return self.visible(user)

    def searched(self, user: User, asked: Asked) -> models.QuerySet[Any]:
        """The same, where it depends on what is asked."""
        return self.listed(user)

    def whole(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """With all that `write` needs, in a constant number of queries."""
        return rows

    def read(self, user: User, key: str, options: QueryDict) -> Json:
        if not (key.isascii() and key.isdigit() and int(key[:20]) <= LARGEST_ID):
            raise NotFound(NOWHERE)
        row = get_or_404(self.whole(self.visible(user)), int(key))
        self.note(row, user, options)
        return self.write_one(row, user, options)

    def write_one(self, row: Any, user: User, options: QueryDict) -> Json:
        return type(self).write([row], user)[0]

    def note(self, row: Any, user: User, options: QueryDict) -> None:
        audit.record(self.opened, row, by=user, patient=self.patient_of(row))

    def patient_of(self, row: Any) -> int | None:
        return getattr(row, "patient_id", None)

    def search(self, user: User, asked: Asked) -> Page:
        rows = self.searched(user, asked)
        for parameter, text in asked.tests:
            rows = rows.filter(parameter.asks(text))
        for test in asked.chained:
            rows = rows.filter(test)
        # A test may look through several rows of another table: each of ours counts once.
        total = rows.order_by().values("pk").distinct().count()
        if not asked.count:
            return Page([], total)
        found = list(self.whole(asked.order.page(rows, asked.cursor))[: asked.count + 1])
        page = found[: asked.count]
        cursor = asked.order.cursor(page[-1]) if len(found) > asked.count else ""
        return Page(type(self).write(page, user) if page else [], total, cursor)

    def some(self, user: User, keys: Iterable[str]) -> list[Json]:
        numbers = [int(key) for key in keys if key.isascii() and key.isdigit()]
        rows = list(self.whole(self.visible(user).filter(pk__in=numbers)).order_by("-pk")) if numbers else []
        return type(self).write(rows, user) if rows else []

    def referring(self, user: User, parameter: Reference, keys: Sequence[int], most: int) -> list[Json]:
        """Those that refer to any of these: for `_revinclude`."""
        rows = list(self.whole(self.listed(user).filter(parameter.among(keys))).order_by("-pk")[:most])
        return type(self).write(rows, user) if rows else []
