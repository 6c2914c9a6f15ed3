"""What is asked of whoever flags or tells a finding."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from reporting.actions.critical import Attempt
from reporting.critical.record import CATEGORIES, LONGEST_FINDING, WAYS
from ris.accounts.models import Site


class FlagForm(forms.Form):
    category = forms.TypedChoiceField(label="How soon", choices=CATEGORIES, coerce=int)
    finding = forms.CharField(
        label="What was found", max_length=LONGEST_FINDING, widget=forms.Textarea(attrs={"rows": 2})
    )
    recipient = forms.CharField(label="Who must be told", max_length=120)
    reach = forms.CharField(label="Reached at", max_length=120, required=False, help_text="Telephone, pager or ward.")


class TellForm(forms.Form):
    told = forms.CharField(label="Who was told", max_length=120)
    way = forms.ChoiceField(label="How", choices=WAYS)
    at = forms.DateTimeField(
        label="When", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reached = forms.BooleanField(label="The person was reached", required=False, initial=True)
    read_back = forms.BooleanField(label="The person read it back", required=False)
    note = forms.CharField(label="Note", max_length=200, required=False)

    def __init__(self, site: Site, *args: Any, **kwargs: Any) -> None:
        """Times are typed and shown on the site's clock."""
        self.zone = site.zone
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["at"] = timezone.now().astimezone(site.zone).replace(tzinfo=None)
            self.initial["reached"] = True

    @property
    def attempt(self) -> Attempt:
        return Attempt(**self.cleaned_data)

    def clean_at(self) -> Any:
        return self.cleaned_data["at"].replace(tzinfo=self.zone)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Why it was none", max_length=200)
