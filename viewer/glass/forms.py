from __future__ import annotations

from django import forms


class EmergencyForm(forms.Form):
    study = forms.CharField(
        max_length=64, label="Accession number or study UID", help_text="Of the study that you must see now."
    )
    reason = forms.CharField(
        max_length=500,
        label="What is the emergency?",
        help_text="The administrators read it at once. Everything that you open is recorded.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReviewForm(forms.Form):
    outcome = forms.ChoiceField(
        choices=[("justify", "It was right"), ("question", "It must be looked into: end it now")],
        widget=forms.RadioSelect,
        label="What do you think?",
    )
    remark = forms.CharField(
        max_length=500, required=False, label="Remark", help_text="Needed when it must be looked into."
    )
