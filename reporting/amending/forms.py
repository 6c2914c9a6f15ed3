"""The text areas of an addendum or a correction, and the question before a withdrawal."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils import timezone

from reporting.actions.amend import Typed
from reporting.amending.dropping import droppable, meant
from reporting.amending.record import LONGEST_CALLER, LONGEST_REASON, Amendment
from reporting.models import ReportVersion


class AmendmentForm(forms.Form):
    """One area for each text; of a correction the reason, and what of the version before it is taken out."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(
        self, amendment: Amendment, base: ReportVersion, data: QueryDict | None = None, *, after_a_call: bool = False
    ) -> None:
        self.after_a_call, self.zone = after_a_call, amendment.report.site.zone
        super().__init__(_by_keys(data, base), initial={"revision": amendment.revision, "seen": base.number})
        rows = 6 if amendment.kind == "addendum" else 4
        for number, item in enumerate(amendment.texts):
            area = forms.Textarea(attrs={"rows": rows, "spellcheck": "true"})
            self.fields[f"text-{number}"] = forms.CharField(
                label=item["title"], widget=area, required=False, initial=item["text"], strip=False
            )
        if amendment.kind == "addendum":
            self._add_caller(amendment)
        if amendment.kind == "correction":
            self.fields["reason"] = forms.CharField(
                label="What was wrong", max_length=LONGEST_REASON, required=False, initial=amendment.reason
            )
            self._add_what_does_not_hold(amendment, base)

    def _add_what_does_not_hold(self, amendment: Amendment, base: ReportVersion) -> None:
        if rows := droppable(base.content):
            self.fields["left_out"] = forms.MultipleChoiceField(
                label="What does not hold",
                choices=[(row.key, row.words) for row in rows],
                required=False,
                initial=meant(base.content, amendment.left_out),
                widget=forms.CheckboxSelectMultiple,
                help_text="It is taken out, and with a number all that was computed from it. Your text is yours.",
            )

    def _add_caller(self, amendment: Amendment) -> None:
        """Times are typed and shown on the site's clock."""
        at = amendment.called_at or (timezone.now() if self.after_a_call else None)
        self.fields["caller"] = forms.CharField(
            label="Who called", max_length=LONGEST_CALLER, required=False, initial=amendment.caller,
            help_text="When a call is the reason: name and place, as in Dr. Ward, ward 4.",
        )  # fmt: skip
        self.fields["called_at"] = forms.DateTimeField(
            label="When", required=False, initial=at.astimezone(self.zone).replace(tzinfo=None) if at else None,
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        )  # fmt: skip

    @property
    def typed(self) -> Typed:
        """What a valid form holds."""
        data = self.cleaned_data
        texts = [data[name] for name in self.fields if name.startswith("text-")]
        at = data.get("called_at") if data.get("caller") else None
        called_at = at.replace(tzinfo=self.zone) if at else None
        reason, left_out, caller = data.get("reason", ""), data.get("left_out", []), data.get("caller", "")
        return Typed(texts, data["seen"], reason, left_out, caller, called_at)


def _by_keys(data: QueryDict | None, base: ReportVersion) -> QueryDict | None:
    """A page that was opened some versions ago ticks labels."""
    if data is None or "left_out" not in data:
        return data
    data = data.copy()
    data.setlist("left_out", meant(base.content, data.getlist("left_out")))
    return data


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Why it does not count", max_length=LONGEST_REASON)
