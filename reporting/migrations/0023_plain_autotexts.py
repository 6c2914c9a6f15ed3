"""Autotexts of the admin as the editor looks them up: small letters, one line feed at the end of a line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LONGEST = 32


def plain(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """One whose keyword is there already, in other letters, never expanded: it gets a number and can be used."""
    rows = apps.get_model("reporting", "Autotext").objects.using(editor.connection.alias)
    for row in list(rows.order_by("pk")):
        text = row.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        section = row.section.strip().lower()
        parts = (row.owner_id, row.group_id, row.site_id, section, row.procedure_id)
        scope = "/".join("" if part is None else str(part) for part in parts)
        others = rows.filter(scope=scope).exclude(pk=row.pk)
        keyword = next(one for one in _keywords(row.keyword.lower()) if not others.filter(keyword=one).exists())
        if (keyword, text, section) != (row.keyword, row.text, row.section):
            rows.filter(pk=row.pk).update(keyword=keyword, text=text, section=section, scope=scope)


def _keywords(keyword: str) -> Iterator[str]:
    """nod, nod-2, nod-3 …"""
    yield keyword[:LONGEST]
    for number in count(2):
        yield f"{keyword[: LONGEST - len(str(number)) - 1]}-{number}"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0022_no_silent_rules")]

    operations = [migrations.RunPython(plain, migrations.RunPython.noop)]
