"""Rows that the installation is set up with: added, changed and taken away by one function each.

The admin and the API call the same. What needs more than its row (devices, templates, letterheads) has its own action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted, TransitionError

M = TypeVar("M", bound=models.Model)
CONFIGURE: Final = "installation.manage"
REFUSAL: Final = "This is for the administrators of the installation."
MEANWHILE: Final = "Somebody else saved the same at this moment. Look at it again."


def require_configure(by: Actor) -> None:
    if not by.may(CONFIGURE, None):
        raise NotPermitted(REFUSAL)


def require_clean(row: models.Model) -> None:
    """What the model itself refuses of what people write. Raises InvalidInput naming each field."""
    hidden = {field.name for field in row._meta.concrete_fields if not field.editable}
    try:
        row.full_clean(exclude=hidden)
    except ValidationError as error:
        found = error.message_dict.items()
        faults = {"body" if name == NON_FIELD_ERRORS else name: " ".join(words) for name, words in found}
        raise InvalidInput(f"This cannot be saved: {next(iter(faults.values()))}", fields=faults) from error


def store(row: models.Model, *, only: Iterable[str] | None = None) -> None:
    """Check and write; of a row that is there `only` some fields.

    Raises InvalidInput, ConcurrentUpdateError when another was quicker with the same name.
    """
    require_clean(row)
    try:
        with transaction.atomic():
            row.save(update_fields=only)
    except IntegrityError as error:
        raise ConcurrentUpdateError(MEANWHILE) from error


@transaction.atomic
def keep(row: M, *, by: Actor, fields: Iterable[str], many: Mapping[str, Iterable[models.Model]] | None = None) -> M:
    """Add or change a row; `fields` are those that were written, `many` what it names several of.

    Raises NotPermitted, InvalidInput, ConcurrentUpdateError.
    """
    require_configure(by)
    verb = "added" if row._state.adding else "changed"
    store(row)
    for name, chosen in (many or {}).items():
        getattr(row, name).set(chosen)
    audit.record(f"settings.{verb}", row, by=by, fields=sorted({*fields, *(many or {})}))
    return row


@transaction.atomic
def remove(row: models.Model, *, by: Actor) -> None:
    """Take a row away that nothing uses any more. Raises NotPermitted, TransitionError."""
    require_configure(by)
    audit.record("settings.removed", row, by=by, name=str(row)[:120])
    try:
        with transaction.atomic():
            row.delete()
    except (models.ProtectedError, models.RestrictedError) as error:
        raise TransitionError("Something still uses it. Switch it off, or change what uses it first.") from error
