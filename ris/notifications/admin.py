from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse

from ris.core.phrases import ENGLISH
from ris.notifications.channels import is_open
from ris.notifications.models import EMAIL, SMS, MessagePolicy, Phrase


@admin.register(MessagePolicy)
class MessagePolicyAdmin(admin.ModelAdmin[MessagePolicy]):
    list_display = (
        "site", "enabled", "confirm", "tell_changes", "reminder_hours", "name_exam", "tell_preparation", "tell_room",
        "language", "contact",
    )  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Says first what can be sent at all."""
        if not (is_open(EMAIL) or is_open(SMS)):
            words = "Neither mail (EMAIL_URL) nor SMS (SMS_WEBHOOK_URL) is set up: nothing is sent to patients."
            messages.warning(request, words)
        return super().changelist_view(request, extra_context)


@admin.register(Phrase)
class PhraseAdmin(admin.ModelAdmin[Phrase]):
    list_display = ("key", "language", "english", "ours", "text")
    list_editable = ("text",)
    list_filter = ("language",)
    list_per_page = len(ENGLISH)
    fields = ("language", "key", "text")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Phrases are chosen; the list is ours and no part of the database."""
        if db_field.name == "key":
            return forms.ChoiceField(
                choices=[(key, f"{key}: {words}") for key, words in ENGLISH.items()], label="Phrase"
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Phrase, form: Any, change: bool) -> None:  # noqa: FBT001  as Django calls it
        """The first phrase of a language lists the others, to be filled in."""
        super().save_model(request, obj, form, change)
        if not change:
            rows = [Phrase(language=obj.language, key=key) for key in ENGLISH if key != obj.key]
            Phrase.objects.bulk_create(rows, ignore_conflicts=True)
