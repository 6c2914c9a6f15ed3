"""The token page of the admin: what a program may see and change is chosen in words; its key is shown once."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from ris.accounts.admin_words import Explained
from ris.accounts.issuing import issue, revoke
from ris.accounts.models import ApiToken, User
from ris.accounts.scopes import CHOICES, EVERYTHING, writes

SHOWN_ONCE = "The key of {name}, shown this one time: {key}"


class TokenForm(forms.ModelForm[ApiToken]):
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple,
        help_text="Never more than its owner may. A program that only brings or fetches one thing gets only that.",
    )

    class Meta:
        model = ApiToken
        fields = ("name", "user", "scopes", "read_only", "expires_at")

    def clean(self) -> dict[str, Any]:
        """What was chosen says by itself whether anything can be changed; the mark is for `everything` alone."""
        data = super().clean() or self.cleaned_data
        chosen = data.get("scopes", [])
        if EVERYTHING in chosen and len(chosen) > 1:
            self.add_error("scopes", "Choose everything, or choose areas.")
        elif chosen and EVERYTHING not in chosen:
            data["read_only"] = not writes(chosen)
        return data


@admin.register(ApiToken)
class ApiTokenAdmin(Explained):
    form = TokenForm
    list_display = ("name", "user", "reach", "read_only", "expires_at")
    list_select_related = ("user",)
    readonly_fields = ("created_at",)
    explanations = {
        "name": "Which program it is for.",
        "read_only": "Beside everything: the program can look and not change. Areas say it by themselves.",
        "expires_at": "In UTC. After it the program is answered 401.",
    }

    @admin.display(description="May do")
    def reach(self, token: ApiToken) -> str:
        return "everything" if EVERYTHING in token.scopes else ", ".join(token.scopes)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return ("user", "created_at") if obj else ("created_at",)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:  # noqa: FBT001  Django's own
        if change:
            obj.save(update_fields=["name", "scopes", "read_only", "expires_at"])
            return
        key = issue(obj, by=cast("User", request.user))
        messages.warning(request, SHOWN_ONCE.format(name=obj.name, key=key))

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        revoke(obj, by=cast("User", request.user))
