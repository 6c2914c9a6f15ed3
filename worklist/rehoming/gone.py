"""Which series an exam has lost to another patient: no part of it, though its device says that it made them."""

from __future__ import annotations

from typing import Any

from worklist.rehoming.rows import Rehoming


def series_gone(procedures: Any) -> frozenset[str]:
    """UIDs of the series that were moved out of the studies of these requested procedures; one query."""
    rows = Rehoming.objects.of_series().filter(study__links__requested_procedure__in=procedures)
    return frozenset(uid for series in rows.values_list("series", flat=True) for uid in series)
