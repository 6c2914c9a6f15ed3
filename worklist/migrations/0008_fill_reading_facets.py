"""What cases that exist already are narrowed by, and who has them."""

from __future__ import annotations

from django.db import migrations, models
from django.db.migrations.state import StateApps

from worklist.reading.facets import packed


def fill(apps: StateApps, _editor: object) -> None:
    tasks = apps.get_model("worklist", "ReadingTask").objects
    turns = apps.get_model("worklist", "ReadingTurn").objects
    rows = tasks.prefetch_related("requested_procedures__procedure")
    for task in rows.annotate(begun=models.Min("requested_procedures__steps__started_at")).iterator(chunk_size=500):
        procedures = [one.procedure for one in task.requested_procedures.all()]
        tasks.filter(pk=task.pk).update(
            modalities=packed((one.modality for one in procedures), 40),
            body_parts=packed((one.body_part.upper() for one in procedures), 160),
            exam_at=task.begun or task.created_at,
        )
        if task.state in ("claimed", "drafted") and task.claimed_by_id:
            turns.create(task=task, reader_id=task.claimed_by_id, since=task.claimed_at or task.created_at)


class Migration(migrations.Migration):
    dependencies = [("worklist", "0007_reading_work"), ("scheduling", "0011_sequence")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
