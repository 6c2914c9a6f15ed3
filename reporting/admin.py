from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Field

from reporting.models import ReportTemplate

if TYPE_CHECKING:
    from django.forms import Field as FormField
    from django.http import HttpRequest

HELP = {
    "key": "Short and lasting. A procedure names its template by it.",
    "modality": "For the procedures of this modality that name no template.",
    "sections": 'JSON, in the order of the report: [{"key": "findings", "title": "Findings", "text": ""}]. '
    "The text is what a new report begins with.",
    "fields": 'JSON; [] for none. What measurements fill: [{"key": "lesion-length", "label": "Largest lesion", '
    '"scheme": "SCT", "code": "410668003", "units": ["mm"], "pick": "largest", "section": "findings"}]. '
    "“pick” is largest or latest.",
}


@admin.register(ReportTemplate)
class ReportTemplateAdmin(admin.ModelAdmin[ReportTemplate]):
    list_display = ("title", "key", "modality", "active")
    list_filter = ("modality", "active")
    search_fields = ("title", "key")

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> FormField | None:
        """Says how each field is written: two of them are JSON."""
        if db_field.name in HELP:
            kwargs["help_text"] = HELP[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)
