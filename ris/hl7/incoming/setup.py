"""Who may send to us and how they write: kept with its field map and its translations, as one act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import IntegrityError, models, transaction

from ris import audit
from ris.accounts.configuring import MEANWHILE, require_clean, require_configure, store
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, InvalidInput
from ris.hl7.incoming.record import FieldRule, Sender, Translation

R = TypeVar("R", bound=models.Model)


@transaction.atomic
def save_sender(
    sender: Sender,
    *,
    by: Actor,
    rules: Sequence[FieldRule] | None = None,
    translations: Sequence[Translation] | None = None,
) -> Sender:
    """Add or change a sender; `rules` and `translations` take the place of what there was, None leaves them.

    Raises NotPermitted, InvalidInput, ConcurrentUpdateError.
    """
    require_configure(by)
    store(sender)
    _replace(sender, FieldRule, rules, "rules")
    _replace(sender, Translation, translations, "translations")
    audit.record("hl7.sender-changed", sender, by=by)
    return sender


def _replace(sender: Sender, kind: type[R], rows: Sequence[R] | None, name: str) -> None:
    if rows is None:
        return
    kind._default_manager.filter(sender=sender).delete()
    for at, row in enumerate(rows):
        row.sender = sender  # type: ignore[attr-defined]
        try:
            require_clean(row)
        except InvalidInput as fault:
            raise InvalidInput(f"Line {at + 1} of {name}: {fault.message}", fields={name: fault.message}) from fault
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as fault:
            raise ConcurrentUpdateError(MEANWHILE) from fault
