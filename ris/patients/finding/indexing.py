"""Writing the keys under which a person is found. Inside the transaction that changes the person."""

from __future__ import annotations

from collections.abc import Iterable

from ris.patients.finding.keys import keys_of, variants_of
from ris.patients.models import NameKey, NameVariant, Patient


def index(patient: Patient) -> None:
    """Write the person's keys anew: after a change of name, date of birth or sites."""
    groups = patient.name_groups()
    keys = sorted(keys_of(groups, patient.birth_date))
    sites = patient.sites.order_by("pk").values_list("pk", flat=True)
    NameKey.objects.filter(patient=patient).delete()
    NameKey.objects.bulk_create(NameKey(site_id=site, patient=patient, key=key) for site in sites for key in keys)
    learn(word for words in groups for word in words)


def learn(words: Iterable[str]) -> None:
    """Make words findable by slip and by sound. In one order always, so that two registrations never deadlock."""
    pairs = sorted((variant, word) for word in set(words) for variant in variants_of(word))
    NameVariant.objects.bulk_create(
        (NameVariant(variant=variant, word=word) for variant, word in pairs), ignore_conflicts=True
    )
