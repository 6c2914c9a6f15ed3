from __future__ import annotations

from django import forms


class SetAsideForm(forms.Form):
    reason = forms.CharField(max_length=200, label="Why it is not sent", help_text="Stands in the audit trail.")
