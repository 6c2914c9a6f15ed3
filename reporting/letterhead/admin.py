"""The letterhead of a site in the admin; all that it does goes through the action."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from reporting.actions.letterhead import Head, set_letterhead
from reporting.letterhead.record import SiteLetterhead
from ris.core.errors import InvalidInput


class LetterheadForm(forms.ModelForm[SiteLetterhead]):
    file = forms.FileField(
        label="New logo",
        required=False,
        help_text="PNG or JPEG, at most 2 MB. It is printed up to 14 mm high and 70 mm wide, on white.",
    )
    remove = forms.BooleanField(label="Take the logo away", required=False)
    by: Any = None

    class Meta:
        model = SiteLetterhead
        fields = ("site", "phone")

    def validate_unique(self) -> None:
        """There is one a site: the action finds it."""

    def clean(self) -> dict[str, Any]:
        """Kept here already, so that what is wrong with the picture stands beside its field."""
        data = super().clean() or {}
        if self.errors:
            return data
        file = data.get("file")
        logo = file.read() if file else b"" if data.get("remove") else None
        site = data.get("site") or self.instance.site
        try:
            self.kept = set_letterhead(site, Head(data.get("phone", ""), logo), by=self.by)
        except InvalidInput as error:
            for name, fault in error.fields.items():
                self.add_error(name if name in self.fields else None, fault)
        return data


@admin.register(SiteLetterhead)
class LetterheadAdmin(admin.ModelAdmin[SiteLetterhead]):
    """Name and address are the site's own."""

    form = LetterheadForm
    list_display = ("site", "phone", "has_logo")

    @admin.display(boolean=True, description="Logo")
    def has_logo(self, row: SiteLetterhead) -> bool:
        return bool(row.logo_sha256)

    def get_readonly_fields(self, request: HttpRequest, obj: SiteLetterhead | None = None) -> tuple[str, ...]:
        return ("site",) if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        found = super().get_form(request, obj, change=change, **kwargs)
        return type(found.__name__, (found,), {"by": request.user})

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> SiteLetterhead:
        return form.kept  # type: ignore[no-any-return]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """The action kept it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """There is nothing beside it."""
