"""The text areas of an addendum or a correction, and the question before a withdrawal."""

from __future__ import annotations

from typing import Any

from django import forms

from reporting.actions.amend import Typed
from reporting.amending.record import LONGEST_REASON, Amendment


class AmendmentForm(forms.Form):
    """One area for each text; of a correction the reason, and which measurements are dropped."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, amendment: Amendment, measured: list[str], seen: int, data: Any = None) -> None:
        super().__init__(data, initial={"revision": amendment.revision, "seen": seen})
        rows = 6 if amendment.kind == "addendum" else 4
        for number, item in enumerate(amendment.texts):
            area = forms.Textarea(attrs={"rows": rows, "spellcheck": "true"})
            self.fields[f"text-{number}"] = forms.CharField(
                label=item["title"], widget=area, required=False, initial=item["text"], strip=False
            )
        if amendment.kind == "correction":
            self.fields["reason"] = forms.CharField(
                label="What was wrong", max_length=LONGEST_REASON, required=False, initial=amendment.reason
            )
            if measured:
                self.fields["left_out"] = forms.MultipleChoiceField(
                    label="Measurements that do not hold",
                    choices=[(label, label) for label in measured],
                    required=False,
                    initial=amendment.left_out,
                    widget=forms.CheckboxSelectMultiple,
                )

    @property
    def typed(self) -> Typed:
        """What a valid form holds."""
        data = self.cleaned_data
        texts = [data[name] for name in self.fields if name.startswith("text-")]
        return Typed(texts, data["seen"], data.get("reason", ""), data.get("left_out", []))


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Why it does not count", max_length=LONGEST_REASON)
