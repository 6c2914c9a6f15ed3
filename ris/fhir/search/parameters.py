"""The kinds of search parameters, and what each asks of the database. A row of a table is one of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import reduce
from operator import or_
from typing import ClassVar

from django.db.models import Q

from ris.core.texts import UNSTORABLE
from ris.fhir.house import house
from ris.fhir.search.values import LARGEST_ID, Span, Wrong, alternatives, key_of, span, token
from ris.patients.models import Patient

LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """`what` is said of it in the CapabilityStatement; `field` is where it looks in the database."""

    kind: ClassVar[str]

    name: str
    what: str
    field: str = ""

    def asks(self, text: str) -> Q:
        """Of one value with its alternatives. Raises Wrong."""
        if not text or len(text) > LONGEST or UNSTORABLE.search(text):
            raise Wrong(self.name, "It is empty, too long, or holds what no record can keep.")
        return reduce(or_, (self.one(each) for each in alternatives(text)))

    def one(self, text: str) -> Q:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Parameter):
    """One of a few words: each stands for states of ours.

    `others` are the words of R4's value set that nothing here ever is: who asks for them too is answered with the rest.
    """

    kind = "token"
    codes: Mapping[str, Sequence[object]]
    others: tuple[str, ...] = ()

    def one(self, text: str) -> Q:
        _system, code = token(text)
        if code in self.others:
            return Q(pk__in=[])
        if code not in self.codes:
            raise Wrong(self.name, f"{code[:40]!r} is none of {', '.join(self.codes)}.")
        return Q(**{f"{self.field}__in": list(self.codes[code])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Always(Parameter):
    """What every resource of the type says: each is found by one of `codes`, (system, code), and none by another."""

    kind = "token"
    codes: tuple[tuple[str, str], ...]

    def one(self, text: str) -> Q:
        system, code = token(text)
        met = any(code == known and system in (None, its) for its, known in self.codes)
        return Q(pk__isnull=False) if met else Q(pk__in=[])


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Parameter):
    """A code or a number, with or without its system: `test` says where to look for it. Raises Wrong itself.

    `whole`: of `system|`, all that have one of this system; without it such a search is refused.
    """

    kind = "token"
    test: Callable[[str | None, str], Q]
    whole: Callable[[str], Q] | None = None

    def one(self, text: str) -> Q:
        system, code = token(text)
        if code:
            return self.test(system, code)
        if not system or self.whole is None:
            raise Wrong(self.name, "A value is expected behind the bar.")
        return self.whole(system)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Token):
    """A reference that is an identifier alone (R4 §2.3.0.3): what it means is no resource here."""

    kind = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Parameter):
    """`fields`: where `:exact` and `:contains` look. `sorts`: by which columns it can be sorted."""

    kind = "string"
    test: Callable[[str], Q]
    fields: tuple[str, ...]
    sorts: tuple[str, ...] = ()

    def one(self, text: str) -> Q:
        return self.test(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Parameter):
    """`element`: where the references stand in the resource, for `_include`."""

    kind = "reference"
    targets: tuple[str, ...]
    element: str

    def one(self, text: str) -> Q:
        return self.among([key_of(self.name, text, self.targets, house().base)])

    def among(self, keys: Sequence[int]) -> Q:
        """Those that refer to any of these."""
        return Q(**{f"{self.field}__in": keys})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Reference):
    """A patient: whichever of the records that are one person is named, all of them are meant."""

    targets: tuple[str, ...] = field(default=("Patient",))

    def among(self, keys: Sequence[int]) -> Q:
        return self.about(family_of(keys))

    def about(self, people: object) -> Q:
        """Those of any of these records, which a subquery names."""
        return Q(**{f"{self.field}__in": people})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Parameter):
    """`days`: the column has days and not instants. `sorts`: columns of instants, the first that is filled sorts.

    `zone`: of a date that names none; a search sets that of who asks.
    """

    kind = "date"
    days: bool = False
    sorts: tuple[str, ...] = ()
    zone: tzinfo = UTC

    def one(self, text: str) -> Q:
        return _within(self.field, self.span_of(text), days=self.days)

    def span_of(self, text: str) -> Span:
        """Raises Wrong."""
        return span(self.name, text, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Parameter):
    """`_id`, where an id is a number."""

    kind = "token"

    def one(self, text: str) -> Q:
        known = text.isascii() and text.isdigit() and 0 < int(text[:20]) <= LARGEST_ID
        return Q(pk=int(text)) if known else Q(pk__in=[])


def family_of(keys: Sequence[int]) -> object:
    """The ids of all records of these people, as a subquery."""
    same = Q(pk__in=keys) | Q(merged_into__in=keys) | Q(aliases__in=keys) | Q(merged_into__aliases__in=keys)
    return Patient.objects.filter(same).values("pk")


def _within(name: str, asked: Span, *, days: bool) -> Q:
    low, high = (one.date() if days else one.astimezone(UTC) for one in (asked.low, asked.high))
    return between(name, asked.prefix, low, high)


def between(name: str, prefix: str, low: object, high: object) -> Q:
    """What a prefix asks of a column, of the span from `low` up to but without `high`."""
    at_least, below = Q(**{f"{name}__gte": low}), Q(**{f"{name}__lt": high})
    if prefix == "eq":
        return at_least & below
    if prefix == "ne":
        return ~(at_least & below) & Q(**{f"{name}__isnull": False})
    after, before = Q(**{f"{name}__gte": high}), Q(**{f"{name}__lt": low})
    return {"gt": after, "sa": after, "lt": before, "eb": before, "ge": at_least, "le": below}[prefix]
