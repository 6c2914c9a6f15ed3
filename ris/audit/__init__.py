"""The audit trail. `record()` is the one way to write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db import models

    from ris.core.actors import Actor


def record(
    action: str,
    target: models.Model | tuple[str, str],
    *,
    by: Actor,
    outcome: str = "success",
    **about: Any,
) -> None:
    """Add one row to the audit trail, in the caller's transaction.

    `target` is the object acted on, or (kind, id). `about` may name `patient` (a model instance or pk), `study_uid`
    and `site_id`; whatever else is given is kept as detail: ids and codes, never names.
    """
    from ris.audit.recording import write

    write(action, target, by=by, outcome=outcome, about=about)
