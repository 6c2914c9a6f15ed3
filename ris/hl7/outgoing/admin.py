from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from ris.accounts.models import User
from ris.hl7.outgoing.actions import save_destination
from ris.hl7.outgoing.models import Destination


@admin.register(Destination)
class DestinationAdmin(admin.ModelAdmin[Destination]):
    """Saving is an action: audited, and what waits is tried again at once."""

    list_display = ("name", "site", "host", "port", "tls", "reports", "orders", "appointments", "active", "closed")
    list_filter = ("site", "active", "closed")
    list_select_related = ("site",)
    readonly_fields = ("last_answer_at", "last_error")
    fieldsets = (
        (None, {"fields": ("site", "name", "active", "closed")}),
        ("Where it listens", {"fields": ("host", "port", "tls", "answer_seconds")}),
        (
            "What it is told",
            {"fields": ("reports", "preliminary", "pdf", "orders", "department_orders", "order_form", "appointments")},
        ),
        (
            "How",
            {
                "fields": (
                    "sending_application", "sending_facility", "receiving_application", "receiving_facility",
                    "charset", "processing",
                )
            },
        ),
        ("How it went", {"fields": ("last_answer_at", "last_error")}),
    )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Destination | None = None) -> bool:
        """It is closed instead: what it was sent stays readable."""
        return False

    def save_model(self, request: HttpRequest, obj: Destination, form: Any, change: bool) -> None:  # noqa: FBT001  Django's own
        save_destination(obj, by=cast("User", request.user))
