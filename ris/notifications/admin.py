from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse

from ris.notifications.channels import is_open
from ris.notifications.models import EMAIL, SMS, MessagePolicy


@admin.register(MessagePolicy)
class MessagePolicyAdmin(admin.ModelAdmin[MessagePolicy]):
    list_display = ("site", "enabled", "confirm", "tell_changes", "reminder_hours", "name_exam", "contact")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Says first what can be sent at all."""
        if not (is_open(EMAIL) or is_open(SMS)):
            words = "Neither mail (EMAIL_URL) nor SMS (SMS_WEBHOOK_URL) is set up: nothing is sent to patients."
            messages.warning(request, words)
        return super().changelist_view(request, extra_context)
