"""The starter set: what is not there yet, published; what an administrator changed or retired stays as it is."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from reporting.library import ReportTemplate
from reporting.permissions import require_templates
from reporting.templates.starter import STARTER
from ris import audit
from ris.core.actors import Actor


@transaction.atomic
def load_starter(*, by: Actor) -> list[str]:
    """Returns the keys of the templates that were made; safe to repeat."""
    require_templates(by)
    there = set(ReportTemplate.objects.values_list("key", flat=True))
    now = timezone.now()
    about = {"publisher": "Isocenter", "language": "en"}
    rows = [
        ReportTemplate(**data, about=about, state="published", published_at=now, changed_by_name=by.display)
        for data in STARTER
        if data["key"] not in there
    ]
    made = [row.key for row in ReportTemplate.objects.bulk_create(rows)]
    if made:
        audit.record("template.starter-loaded", ("reporttemplate", "starter"), by=by, keys=made)
    return made
