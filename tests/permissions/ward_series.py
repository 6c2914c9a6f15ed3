"""A study of two patients, for the matrix."""

from __future__ import annotations

from tests import exam
from tests.world import World
from worklist.exam.record import ReceivedSeries


def of_two_patients(world: World) -> dict[str, object]:
    """A study of which one series is of somebody else, whose exam waits for images."""
    study = exam.noted(world.requested(world.order(world.patient("Both"))))
    for at in ("1", "2"):
        ReceivedSeries.objects.create(study=study, series_instance_uid=f"2.25.8818.{at}", modality="CT", images=40)
    others = world.requested(world.order(world.patient("Second")))
    return {"mixed_study": study.pk, "mixed_series": study.received_series.order_by("pk")[0].pk,
            "others_exam": others.pk, "others_number": others.accession_number}  # fmt: skip
