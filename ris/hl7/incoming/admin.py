from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from ris.accounts.models import User
from ris.core.inlines import NamedRows
from ris.hl7.incoming.record import FieldRule, Sender, Translation
from ris.hl7.incoming.setup import save_sender


class FieldRuleInline(NamedRows[FieldRule, Sender]):
    model = FieldRule
    extra = 0


class TranslationInline(NamedRows[Translation, Sender]):
    model = Translation
    extra = 0


@admin.register(Sender)
class SenderAdmin(admin.ModelAdmin[Sender]):
    """Who may send, and how they write. A sender is switched off, not deleted: its messages are kept."""

    list_display = ("name", "site", "application", "facility", "charset", "registers_from_orders", "active")
    list_filter = ("site", "active")
    list_select_related = ("site",)
    inlines = (FieldRuleInline, TranslationInline)
    fieldsets = (
        (None, {"fields": ("site", "name", "active")}),
        ("Who it is", {"fields": ("application", "facility", "addresses")}),
        ("How it writes", {"fields": ("charset", "issuer", "placer_issuer")}),
        ("What it may, and how it is answered", {"fields": ("registers_from_orders", "plain_answers")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Sender | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Sender, form: Any, change: bool) -> None:  # noqa: FBT001  Django's own
        """Its rules and codes are written after it, in the same transaction."""
        save_sender(obj, by=cast("User", request.user))
