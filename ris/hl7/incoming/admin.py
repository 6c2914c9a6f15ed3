from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from ris import audit
from ris.accounts.models import User
from ris.core.inlines import NamedRows
from ris.hl7.incoming.record import FieldRule, Sender, Translation


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

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  as Django calls it
        """After the rules and codes are written too."""
        super().save_related(request, form, formsets, change)
        audit.record("hl7.sender-changed", form.instance, by=cast("User", request.user), site_id=form.instance.site_id)
