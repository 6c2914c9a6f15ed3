from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from ris.accounts.models import Site
from ris.core.texts import said_once
from worklist.outside.comparing import Brought, Difference
from worklist.outside.rows import OutsideFile


class BeginForm(forms.Form):
    source = forms.CharField(
        max_length=120,
        required=False,
        label="Where were they made?",
        help_text="A hospital or practice, as the reader shall see it.",
    )

    def __init__(self, *args: Any, sites: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Site.objects.filter(pk__in=list(sites))
        self.fields["site"] = forms.ModelChoiceField(queryset=found, label="For which site?", empty_label=None)


class GiveForm(forms.Form):
    """One checkbox for each study, and one for each field in which the two persons differ."""

    def __init__(
        self,
        *args: Any,
        brought: list[Brought],
        differing: list[Difference],
        reports: list[OutsideFile],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.uid, _title(one)) for one in brought]
        self.fields["studies"] = forms.MultipleChoiceField(
            widget=forms.CheckboxSelectMultiple, label="Which studies?", choices=choices,
            initial=[uid for uid, _ in choices],
        )  # fmt: skip
        for one in differing:
            words = f"{one.label}: “{one.there}” there, “{one.here or 'nothing'}” here. I have compared this."
            self.fields[one.name] = forms.BooleanField(required=False, label=words)
        for file in reports:
            self.fields[f"report_{file.pk}"] = forms.ChoiceField(
                choices=[("", "Leave it out"), *choices], required=False, label=f"Old report {file.name}"
            )

    @property
    def accepted(self) -> list[str]:
        """The differing fields that were ticked."""
        boxes = [name for name, field in self.fields.items() if isinstance(field, forms.BooleanField)]
        return [name for name in boxes if self.cleaned_data.get(name)]

    @property
    def reports(self) -> dict[int, str]:
        """PDF → study, as far as chosen."""
        found = {name: value for name, value in self.cleaned_data.items() if name.startswith("report_") and value}
        return {int(name.removeprefix("report_")): uid for name, uid in found.items()}


class ExportForm(forms.Form):
    recipient = forms.CharField(
        max_length=160,
        label="Who gets it?",
        help_text="The patient, a relative, a doctor: it goes into the audit trail.",
    )
    with_reports = forms.BooleanField(required=False, initial=True, label="With the signed reports")


def _title(one: Brought) -> str:
    facts = one.facts
    day = facts.get("study_date", "")
    when = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else "no date"
    images = f"{one.files} object{'s' if one.files != 1 else ''} in {one.series} series"
    what = said_once(facts.get("modality", ""), facts.get("description", "")) or "Study"
    return f"{when}, {what}, {images}"
