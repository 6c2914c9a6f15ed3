"""Reports are found by their fields, by why they were corrected and by their key images' words; those of before too."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from reporting.finding.keeping import body_of

AT_ONCE = 500
FACTS = ("site_id", "modality", "year", "signer_id")


def say(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Five hundred rows at a time, each batch its own transaction; begun again, it changes only what is left."""
    alias = editor.connection.alias
    rows = apps.get_model("reporting", "ReportText").objects.using(alias).order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        last = batch[-1].pk
        newest = _newest(apps, alias, [row.pk for row in batch])
        with transaction.atomic(using=alias):
            for row in batch:
                if row.pk in newest:
                    _say(rows, row, newest[row.pk])


def _newest(apps: Any, alias: str, reports: list[int]) -> dict[int, Any]:
    """By report the version that it is found by: the newest that has left."""
    waits_not = models.Q(report__held_number=None) | models.Q(number__lt=models.F("report__held_number"))
    versions = apps.get_model("reporting", "ReportVersion").objects.using(alias)
    left = versions.filter(waits_not, report__in=reports, recall__isnull=True)
    return {one.report_id: one for one in left.only("report_id", "kind", "content").order_by("number")}


def _say(rows: Any, row: Any, version: Any) -> None:
    """Nothing where it says so already, or where a newer version was written meanwhile."""
    body = body_of(version, {name: getattr(row, name) for name in FACTS})
    if body != row.body:
        rows.filter(pk=row.pk, body=row.body).update(body=body)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("reporting", "0025_words_without_spaces")]

    operations = [migrations.RunPython(say, migrations.RunPython.noop)]
