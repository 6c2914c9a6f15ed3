"""What to print, chosen from a day."""

from __future__ import annotations

from django import forms

from ris.printing.actions import Medium
from ris.printing.models import LABEL_MEDIA


class MediumForm(forms.Form):
    """Where labels go; nothing chosen means as the site has it."""

    labels = forms.ChoiceField(choices=[("", "As the site has it"), *LABEL_MEDIA], required=False, label="Labels go to")
    used = forms.IntegerField(
        min_value=0, max_value=23, required=False, label="Labels already used", help_text="Of the first sheet, 0 to 23."
    )

    def medium(self) -> Medium:
        """The choice; a fault in it counts as no choice."""
        data = self.cleaned_data if self.is_valid() else {}
        return Medium(labels=data.get("labels", ""), used=data.get("used") or 0)
