"""What people type of an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone

from ris.accounts.models import Site, User
from ris.orders.actions import VISIT, Answer, OrderDetails
from ris.orders.models import PRIORITIES, SIDES, Order, Procedure, Referrer, SafetyAnswer
from ris.orders.questions import kinds_for
from ris.orders.referrers import from_label, typed_name
from ris.orders.safety import EFFECT_WORDS, EFFECTS, KINDS, Kind, fault_of_value
from ris.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of the catalogue as the form shows it."""

    procedure: Procedure
    checked: bool
    side: str
    asks: list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the form shows it; `before` is what was said for another order."""

    kind: str
    about: Kind
    value: BoundField
    measured_on: BoundField
    source: BoundField
    before: SafetyAnswer | None


class DetailsForm(forms.Form):
    """Priority, why, and who asks. `order` is the one that is changed, if any."""

    priority = forms.ChoiceField(choices=PRIORITIES, initial="ROUTINE")
    reason = forms.CharField(max_length=255, required=False, help_text="Why this exam is needed, in a few words.")
    referrer_name = forms.CharField(
        max_length=200,
        required=False,
        label="Referring physician",
        help_text="Type the family name and choose, or write: family name, given name.",
        widget=forms.TextInput(attrs={"list": "referrer-options", "autocomplete": "off"}),
    )
    clinical_question = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    wanted_from = forms.DateField(
        required=False, label="Wanted from", help_text="Not before this day. Empty: at any time.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    field_order: list[str] | None = None
    # Who the exams are for; without, nothing is known of what they ask.
    patient: Patient | None = None

    def __init__(self, *args: Any, order: Order | None = None, **kwargs: Any) -> None:
        self.order = order
        if order is not None:
            kwargs["initial"] = _initial(order) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def details(self) -> OrderDetails:
        data = self.cleaned_data
        referrer, name = self._referrer(data["referrer_name"].strip())
        return OrderDetails(
            priority=data["priority"],
            reason=data["reason"],
            clinical_question=data["clinical_question"],
            referrer_name=name,
            referrer=referrer,
            wanted_from=self._wanted(),
            **self._visit(),
        )

    def _wanted(self) -> datetime | None:
        """The beginning of the day at the site; a time that the hospital told stays while the day does."""
        day, site = self.cleaned_data["wanted_from"], self.order.site if self.order else self.cleaned_data["site"]
        if self.order is not None and day == self.initial["wanted_from"]:
            return self.order.wanted_from
        return datetime.combine(day, time(), tzinfo=site.zone) if day else None

    def _visit(self) -> dict[str, str]:
        """What the hospital told of the stay is not asked here, and stays."""
        return {name: getattr(self.order, name) for name in VISIT} if self.order else {}

    def _referrer(self, text: str) -> tuple[Referrer | None, str]:
        """From the directory, else as typed; what was not touched stays as it was."""
        if self.order is not None and text == self.initial.get("referrer_name"):
            return self.order.referrer, self.order.referrer_name
        found = from_label(text)
        return (found, found.person_name) if found else (None, typed_name(text))


def _initial(order: Order) -> dict[str, object]:
    family, _, given = order.referrer_name.partition("^")
    typed = ", ".join(part for part in (family, given.split("^", maxsplit=1)[0]) if part)
    return {
        "priority": order.priority,
        "reason": order.reason,
        "clinical_question": order.clinical_question,
        "referrer_name": order.referrer.label if order.referrer else typed,
        "wanted_from": order.wanted_from.astimezone(order.site.zone).date() if order.wanted_from else None,
        "revision": order.revision,
    }


class ModifyForm(DetailsForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ProceduresForm(DetailsForm):
    """With procedures of the catalogue; each paired one has its side in `side-<id>`."""

    procedures = forms.ModelMultipleChoiceField(
        Procedure.objects.filter(active=True), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one procedure."},
    )  # fmt: skip

    @property
    def choices(self) -> list[Choice]:
        """The catalogue as it is shown, with what was ticked and which side was said."""
        given = set(self.data.getlist("procedures")) if isinstance(self.data, QueryDict) else set()
        chosen = given or {str(pk) for pk in self.initial.get("procedures", [])}
        sides = self.initial.get("sides", {})
        return [
            Choice(
                row,
                str(row.pk) in chosen,
                self.data.get(f"side-{row.pk}", sides.get(row.code, "")),
                kinds_for([row], self.patient) if self.patient else [],
            )
            for row in Procedure.objects.filter(active=True)
        ]

    def sides(self) -> dict[str, str]:
        """{code: R, L or B} of the chosen paired procedures."""
        known = dict(SIDES)
        found = {row.code: self.data.get(f"side-{row.pk}", "") for row in self.cleaned_data["procedures"] if row.paired}
        return {code: side for code, side in found.items() if side in known}


class OrderForm(ProceduresForm):
    """Site, procedures, and why."""

    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None)

    def __init__(self, *args: Any, user: User, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self.sites = Site.objects.filter(pk__in=user.sites_where("order.place"))
        self.fields["site"].queryset = self.sites  # type: ignore[attr-defined]

    @property
    def zone(self) -> tzinfo | None:
        """Of the site that is chosen, else of the one that is offered first."""
        chosen = str(self["site"].value() or "")
        named = self.sites.filter(pk=chosen) if chosen.isdecimal() and len(chosen) < 19 else self.sites
        site = named.first() or self.sites.first()
        return site.zone if site else None


class ReplaceForm(ProceduresForm):
    why = forms.CharField(max_length=255, label="Why is it replaced?")


class CancelForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Why is it cancelled?")


class DiscontinueForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Why is it broken off?")


class OverrideForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Why may the exam begin all the same?")


class SafetyForm(forms.Form):
    """Every question that may be asked of a patient, each optional: what is left empty was not asked."""

    def __init__(
        self,
        data: Any = None,
        *,
        kinds: Iterable[str],
        before: Mapping[str, SafetyAnswer] | None = None,
        zone: tzinfo | None = None,
        dated: bool = True,
    ) -> None:
        """`zone` is the site's: which day today is. Not `dated`: no day is filled in, and none means `answered_on`."""
        super().__init__(data, prefix="safety")
        self.today = self.answered_on = timezone.localdate(timezone=zone)
        self.kinds, self.before = list(kinds), dict(before or {})
        for kind in self.kinds:
            about = KINDS[kind]
            self.fields[kind] = forms.CharField(
                required=False, max_length=40, label=about.question, widget=_answers_of(about)
            )
            self.fields[f"{kind}_on"] = forms.DateField(
                required=False, label=f"{about.label}: date", initial=self.today if dated else None,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )  # fmt: skip
            self.fields[f"{kind}_source"] = forms.CharField(
                required=False, max_length=80, label=f"{about.label}: who says so", initial="Patient"
            )

    @property
    def rows(self) -> list[Asked]:
        return [
            Asked(kind, KINDS[kind], self[kind], self[f"{kind}_on"], self[f"{kind}_source"], self.before.get(kind))
            for kind in self.kinds
        ]

    def clean(self) -> dict[str, Any]:
        data, today = self.cleaned_data, self.today
        for kind in self.kinds:
            value = data.get(kind, "").strip()
            if value and (fault := fault_of_value(kind, value)):
                self.add_error(kind, fault)
            if value and (data.get(f"{kind}_on") or today) > today:
                self.add_error(f"{kind}_on", "This day has not come yet.")
        return data

    def answers(self, kinds: Sequence[str] | None = None) -> list[Answer]:
        """What was answered, of these kinds or all; an empty date means `answered_on`, an empty source the patient."""
        data = self.cleaned_data
        return [
            Answer(
                kind=kind,
                value=data[kind].strip(),
                measured_on=data[f"{kind}_on"] or self.answered_on,
                source=data[f"{kind}_source"].strip() or "Patient",
            )
            for kind in self.kinds
            if data[kind].strip() and (kinds is None or kind in kinds)
        ]


def _answers_of(about: Kind) -> forms.Widget:
    """A list of answers that say what they mean, or a box for a number."""
    if not about.choices:
        return forms.TextInput(attrs={"inputmode": "decimal", "placeholder": about.unit, "autocomplete": "off"})
    words = [
        (value, f"{words.capitalize()}{f' ({EFFECT_WORDS[effect]})' if effect != 'none' else ''}")
        for value, (words, effect) in about.choices.items()
    ]
    return forms.Select(choices=[("", "Not asked"), *words])


class AnswerForm(forms.Form):
    """The answer to one question of safety."""

    value = forms.CharField(max_length=40)
    measured_on = forms.DateField(
        label="Date of the value", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    source = forms.CharField(max_length=80, help_text="Who or what says so: patient, laboratory, implant card.")
    effect = forms.ChoiceField(
        choices=EFFECTS, initial="none", help_text="The rule decides; you may only make it graver."
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        kwargs["initial"] = {"measured_on": timezone.localdate()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.kind, about = kind, KINDS[kind]
        self.fields["value"].label = f"{about.label} ({about.unit})" if about.unit else about.question
        if about.choices:
            words = [(value, words.capitalize()) for value, (words, _effect) in about.choices.items()]
            self.fields["value"].widget = forms.Select(choices=[("", "Choose"), *words])
        else:
            self.fields["value"].widget.attrs["inputmode"] = "decimal"

    def answer(self) -> Answer:
        return Answer(kind=self.kind, **self.cleaned_data)


class ApproveForm(forms.Form):
    text = forms.CharField(label="Protocol", widget=forms.Textarea(attrs={"rows": 6}), max_length=4000)


class ReturnForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Why does it go back?")


class PaperForm(forms.Form):
    file = forms.FileField(
        label="Paper request", help_text="PDF or JPEG, at most 20 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/jpeg"}),
    )  # fmt: skip


class WithdrawForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Why is it withdrawn?")
