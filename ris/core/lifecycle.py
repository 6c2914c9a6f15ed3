"""State machines as tables.

A lifecycle is data: `{(state, verb): next_state}`. Code asks the table and never compares status strings; a test
walks every pair, so that a missing one is a failing test and not a surprise in a reading room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import models
from django.utils import timezone

from ris.core.errors import ConcurrentUpdateError, TransitionError

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """One axis of state: the model attribute that holds it, and its legal moves."""

    attribute: str
    table: Mapping[tuple[str, str], str]
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def states(self) -> list[str]:
        found = {state for state, _verb in self.table} | set(self.table.values())
        return sorted(found.union(*self.groups.values()))

    @property
    def verbs(self) -> list[str]:
        return sorted({verb for _state, verb in self.table})

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(state, state.replace("-", " ").capitalize()) for state in self.states]

    def constraint(self, name: str) -> models.CheckConstraint:
        """The database refuses a value that the table does not know."""
        return models.CheckConstraint(condition=models.Q(**{f"{self.attribute}__in": self.states}), name=name)

    def allows(self, obj: models.Model, verb: str) -> bool:
        return (getattr(obj, self.attribute), verb) in self.table

    def allowed(self, state: str, verb: str) -> bool:
        """The same for a state that is not an object's own."""
        return (state, verb) in self.table

    def within(self, obj: models.Model, group: str) -> bool:
        """Whether the object's state is one of the named group."""
        return getattr(obj, self.attribute) in self.groups[group]

    def advance(self, obj: M, verb: str, **changes: object) -> M:
        """Move `obj` along the table, or raise TransitionError or ConcurrentUpdateError.

        The write is a compare-and-set on the old state: two users who press the same button cannot both win.
        """
        old = getattr(obj, self.attribute)
        new = self.table.get((old, verb))
        if new is None:
            raise TransitionError(f"This {obj._meta.verbose_name} is {old}: “{verb}” is not possible now.")
        values = {self.attribute: new, **_stamps(obj), **changes}
        rows = type(obj)._default_manager.filter(pk=obj.pk, **{self.attribute: old})
        if rows.update(**values) != 1:
            raise ConcurrentUpdateError(
                f"This {obj._meta.verbose_name} was changed by someone else meanwhile. Reload and look again."
            )
        for name, value in values.items():
            setattr(obj, name, value)
        return obj


def _stamps(obj: models.Model) -> dict[str, object]:
    """What `save` would write by itself (`auto_now`), and an update does not: a row that moved has changed."""
    now = timezone.now()
    return {one.name: now for one in obj._meta.concrete_fields if getattr(one, "auto_now", False)}


def lifecycle(attribute: str, table: Mapping[tuple[str, str], str], **groups: tuple[str, ...]) -> Lifecycle:
    """Build a Lifecycle; `groups` name sets of states that queries and screens ask for."""
    return Lifecycle(attribute, table, {name: frozenset(states) for name, states in groups.items()})
