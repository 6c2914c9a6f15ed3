"""Everybody registered so far gets the keys under which they are found."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from ris.patients.finding.keys import groups_of, keys_of, number_key, variants_of

BATCH = 1000
BUILT = 5000


def build(apps: Any, _editor: Any) -> None:
    model = {name: apps.get_model("patients", name) for name in ("Patient", "PatientIdentifier", "NameKey", "NameVariant")}
    seen: set[str] = set()
    everybody = model["Patient"].objects.order_by("pk").prefetch_related("sites")
    for patient in everybody.iterator(chunk_size=BATCH):
        groups = groups_of(
            (patient.family_name, patient.given_name, patient.middle_name), patient.ideographic, patient.phonetic
        )
        words = {word for group in groups for word in group}
        model["Patient"].objects.filter(pk=patient.pk).update(search_name=" " + " ".join(w for g in groups for w in g))
        _keys(model["NameKey"], patient, sorted(keys_of(groups, patient.birth_date)))
        _variants(model["NameVariant"], words - seen)
        seen |= words
    numbers = model["PatientIdentifier"].objects.order_by("pk")
    for number in numbers.iterator(chunk_size=BATCH):
        numbers.filter(pk=number.pk).update(search_value=number_key(number.value)[:300])


def _keys(model: Any, patient: Any, keys: list[str]) -> None:
    sites = [site.pk for site in patient.sites.all()]
    model.objects.bulk_create(
        (model(site_id=site, patient_id=patient.pk, key=key) for site in sites for key in keys), batch_size=BUILT
    )


def _variants(model: Any, words: set[str]) -> None:
    pairs = sorted((variant, word) for word in words for variant in variants_of(word))
    model.objects.bulk_create((model(variant=v, word=w) for v, w in pairs), ignore_conflicts=True, batch_size=BUILT)


def clear(apps: Any, _editor: Any) -> None:
    """The keys go with their tables; the old search column is written as it was."""
    from ris.patients.names import folded

    patients = apps.get_model("patients", "Patient")
    for patient in patients.objects.order_by("pk").iterator(chunk_size=BATCH):
        names = (
            patient.family_name, patient.given_name, patient.middle_name, patient.ideographic, patient.phonetic
        )  # fmt: skip
        patients.objects.filter(pk=patient.pk).update(search_name=" " + folded(" ".join(names)))
    for name in ("NameKey", "NameVariant"):
        apps.get_model("patients", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_finding_people")]
    operations = [migrations.RunPython(build, clear)]
