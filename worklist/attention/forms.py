from __future__ import annotations

from django import forms


class SettleForm(forms.Form):
    outcome = forms.CharField(
        max_length=255,
        label="Whose images are they, and how do you know?",
        help_text="The study then waits among the unmatched ones, until it is linked by hand.",
    )
