"""What the ward has on its desks, for programs: discs at other stages, a case that grew after its report."""

from __future__ import annotations

from django.utils import timezone

from tests import exam
from tests.world import World
from worklist.models import ReadingTask
from worklist.outside.rows import OutsideFile, OutsideImport


def gathered(world: World) -> OutsideImport:
    """A disc of which all files are here."""
    row = OutsideImport.objects.create(site=world.north, brought_by="Clara Clerk", brought_at=timezone.now())
    OutsideFile.objects.create(delivery=row, name="IM1", size=4)
    return row


def not_stored(world: World) -> OutsideImport:
    """A disc that is a patient's, and of which the storing failed."""
    return OutsideImport.objects.create(
        site=world.north, state="failed", patient=world.patient("Elsewhere"), problem="The archive is full.",
        brought_by="Clara Clerk", brought_at=timezone.now(),
    )  # fmt: skip


def grown(world: World) -> ReadingTask:
    """A case to which images came after it was read."""
    task = exam.case(world)
    ReadingTask.objects.filter(pk=task.pk).update(images_added_at=timezone.now())
    return task


def on_desks(world: World) -> dict[str, object]:
    return {"gathered": gathered(world).pk, "not_stored": not_stored(world).pk, "grown": grown(world).pk}
