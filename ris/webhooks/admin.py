from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ris.accounts.admin_words import Explained
from ris.accounts.models import User
from ris.core.errors import InvalidInput
from ris.webhooks.actions import add_webhook, change_webhook, renew_secret, require_usable
from ris.webhooks.kinds import EVERYTHING, OFFERED
from ris.webhooks.models import Webhook

SHOWN_ONCE = "The secret of {name}, shown this one time: {secret}"


class WebhookForm(forms.ModelForm[Webhook]):
    kinds = forms.MultipleChoiceField(
        choices=[(EVERYTHING, "everything"), *((kind, kind) for kind in OFFERED)],
        help_text="What it is told. Only ids are sent; the program asks the API for the rest.",
    )

    class Meta:
        model = Webhook
        fields = ("site", "name", "url", "kinds", "active")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"url", "kinds"} <= set(data):
            try:
                require_usable(Webhook(url=data["url"], kinds=data["kinds"]))
            except InvalidInput as error:
                for name, words in error.fields.items():
                    self.add_error(name, words)
        return data


@admin.register(Webhook)
class WebhookAdmin(Explained):
    """Saving is an action: audited; the secret is shown once, after it."""

    form = WebhookForm
    list_display = ("name", "site", "url", "active", "answered_at", "failing_since", "last_error")
    list_filter = ("site", "active")
    list_select_related = ("site",)
    actions = ("new_secret",)
    explanations = {
        "url": "https://… outside our own network; hosts inside only where WEBHOOK_INTERNAL_HOSTS names them.",
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[str, ...]:
        return ("site",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Webhook | None = None) -> bool:
        """It is switched off instead: what it was told stays readable."""
        return False

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:  # noqa: FBT001  Django's own
        by = cast("User", request.user)
        if change:
            change_webhook(obj, by=by)
            return
        secret = add_webhook(obj, by=by)
        messages.warning(request, SHOWN_ONCE.format(name=obj.name, secret=secret))

    @admin.action(description="Give a new secret")
    def new_secret(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        for webhook in chosen.select_related("site"):
            secret = renew_secret(webhook, by=cast("User", request.user))
            messages.warning(request, SHOWN_ONCE.format(name=webhook.name, secret=secret))
