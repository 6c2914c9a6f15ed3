"""The rows of a performed step's series and radiation: written anew from all that its messages have said."""

from __future__ import annotations

from dataclasses import asdict

from worklist.models import PerformedDose, PerformedProcedureStep, PerformedSeries
from worklist.mpps.done import dose_of, series_of


def write_details(performed: PerformedProcedureStep) -> None:
    """Part of the transaction of a message. Each N-SET sends the whole list again: rows are replaced, never added."""
    attributes = {**performed.created_message, **performed.final_message}
    PerformedSeries.objects.filter(performed=performed).delete()
    rows = enumerate(series_of(attributes), start=1)
    PerformedSeries.objects.bulk_create(
        PerformedSeries(performed=performed, place=place, **asdict(one)) for place, one in rows
    )
    PerformedDose.objects.filter(performed=performed).delete()
    dose = dose_of(attributes)
    if dose is not None:
        PerformedDose.objects.create(performed=performed, **{**asdict(dose), "events": list(dose.events)})
