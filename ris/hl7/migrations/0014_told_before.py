"""What messages told that were done before this was kept: as if they had spoken of every field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

PERSON = ("ADT^A01", "ADT^A04", "ADT^A05", "ADT^A08", "ADT^A28", "ADT^A31")
OF_A_PERSON = [
    "birth_date", "email", "family_name", "given_name", "ideographic", "middle_name", "mobile", "phone", "phonetic",
    "prefix", "sex", "suffix",
]  # fmt: skip
OF_AN_ORDER = [
    "clinical_question", "patient_class", "priority", "procedures", "reason", "referrer_name", "told", "visit_issuer",
    "visit_number", "wanted_from",
]  # fmt: skip


def tell(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    done = apps.get_model("hl7", "InboundMessage").objects.filter(state="done", sender__isnull=False)
    told = apps.get_model("hl7", "Told").objects
    rows = done.exclude(written_at=None).values_list("pk", "kind", "patient_id_known", "order_ids")
    told.bulk_create(_told(told.model, rows.iterator(chunk_size=2000)), batch_size=2000)


def _told(model: Any, rows: Any) -> Iterator[Any]:
    for pk, kind, patient, orders in rows:
        if kind in PERSON and patient:
            yield model(message_id=pk, about="patient", target_id=patient, names=OF_A_PERSON)
        for order in orders:
            yield model(message_id=pk, about="order", target_id=order, names=OF_AN_ORDER)


class Migration(migrations.Migration):
    dependencies = [("hl7", "0013_told")]
    operations = [migrations.RunPython(tell, migrations.RunPython.noop, elidable=True)]
