"""Chinese and Japanese in the index of reports: by ones and by twos, so that a word within a sentence is found."""

from __future__ import annotations

from typing import Any

from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from reporting.finding.query import words_of
from reporting.finding.unspaced import is_cut, together

AT_ONCE = 500


def cut(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Five hundred rows at a time, each batch its own transaction; begun again, it goes on with what is left."""
    alias = editor.connection.alias
    rows = apps.get_model("reporting", "ReportText").objects.using(alias).order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last).values_list("pk", "body")[:AT_ONCE]):
        last = batch[-1][0]
        uncut = {pk: body for pk, body in batch if not is_cut(body)}
        versions = apps.get_model("reporting", "ReportVersion").objects.using(alias).filter(report__in=list(uncut))
        names = dict(versions.order_by("number").values_list("report_id", "content__patient__name"))
        with transaction.atomic(using=alias):
            for pk, body in uncut.items():
                rows.filter(pk=pk).update(body=" ".join([*words_of(body), *words_of(together(names.get(pk) or ""))]))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("reporting", "0024_returned_preliminary")]

    operations = [migrations.RunPython(cut, migrations.RunPython.noop)]
