"""What is typed before and after a downtime."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from ris.accounts.models import Site, User
from ris.core.errors import InvalidInput
from ris.downtime.actions import Entry
from ris.downtime.actions.forms import MOST
from ris.downtime.actions.snapshots import LONGEST, SHORTEST
from ris.orders.actions import OrderDetails
from ris.orders.forms import SafetyForm
from ris.orders.models import PRIORITIES, SIDES, Procedure
from ris.orders.safety import KINDS
from ris.patients.actions import PatientData
from ris.patients.forms import DATE_FORMATS, BirthDateField
from ris.patients.models import SEXES, Patient
from ris.scheduling.forms import day_field, time_field
from ris.scheduling.hours import at_site
from ris.scheduling.models import Resource

WHO = [("known", "Registered here"), ("new", "New: register now"), ("unknown", "Nobody knows who it is")]
NEWCOMER = ("family_name", "given_name", "birth_date", "sex")
UNDONE = "When was it done? If it is still to be done, take the tick away."


class PrintForm(forms.Form):
    """How many forms, for which site."""

    site = forms.SlugField()
    count = forms.IntegerField(min_value=1, max_value=MOST, initial=10, label="How many forms")


class SpoilForm(forms.Form):
    reason = forms.CharField(max_length=255, help_text="Torn, lost, written on by mistake …")


class PassphraseForm(forms.Form):
    """Twice, since nobody can read it afterwards."""

    passphrase = forms.CharField(
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=f"{SHORTEST} to {LONGEST} characters without accents. Four or five words are easy to type.",
        strip=False,
    )
    again = forms.CharField(
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        label="The same again",
        strip=False,
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("passphrase", again):
            raise forms.ValidationError("The two are not the same.")
        return again


class EntryForm(forms.Form):
    """What stands on the paper, from top to bottom."""

    who = forms.ChoiceField(choices=WHO, initial="known", widget=forms.RadioSelect, label="Who is it?")
    q = forms.CharField(
        max_length=200, required=False, label="Find the patient", help_text="Name, date of birth or number."
    )
    patient = forms.ModelChoiceField(Patient.objects.none(), required=False)
    family_name = forms.CharField(max_length=64, required=False)
    given_name = forms.CharField(max_length=64, required=False)
    birth_date = BirthDateField(required=False, input_formats=DATE_FORMATS, label="Date of birth")
    sex = forms.ChoiceField(choices=[("", "Unknown"), *SEXES[:3]], required=False)
    procedure = forms.ModelChoiceField(
        Procedure.objects.filter(active=True), label="Exam", empty_label="Choose the exam"
    )
    side = forms.ChoiceField(choices=[("", "No side"), *SIDES], required=False)
    priority = forms.ChoiceField(choices=PRIORITIES, initial="ROUTINE")
    reason = forms.CharField(max_length=255, required=False, label="Reason and question")
    referrer_name = forms.CharField(max_length=64, required=False, label="Asked for by", help_text="FAMILY^Given")
    done = forms.BooleanField(required=False, initial=True, label="The exam was done")
    performed_day = day_field(label="Done on", error_messages={"required": UNDONE})
    performed_time = time_field(label="Begun at", error_messages={"required": UNDONE})
    room = forms.ModelChoiceField(Resource.objects.none(), required=False, empty_label="Not known")
    notes = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="Contrast, dose, what else is on the paper."
    )

    def __init__(self, *args: Any, site: Site, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        self.safety = SafetyForm(args[0] if args else None, kinds=KINDS, zone=site.zone, dated=False)
        done = not self.is_bound or bool(self.data.get("done"))
        self.fields["performed_day"].required = self.fields["performed_time"].required = done
        self.fields["patient"].queryset = Patient.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["room"].queryset = Resource.objects.filter(site=site, active=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("who") == "known" and not data.get("patient") and "patient" not in self.errors:
            self.add_error("q", "Find the patient and choose one, or say that the patient is new or not known.")
        if data.get("who") == "new" and not data.get("family_name"):
            self.add_error("family_name", "A new patient needs a family name.")
        if data.get("done") and data.get("performed_day"):
            self.safety.answered_on = data["performed_day"]  # asked before the exam, on paper
        if not self.safety.is_valid():
            self.add_error(None, "An answer of safety cannot be used: see below.")
        return data

    def entry(self, unlike: Iterable[int] = ()) -> Entry:
        """What the action takes; raises InvalidInput in the gap of spring."""
        data = self.cleaned_data
        details = OrderDetails(
            priority=data["priority"], reason=data["reason"], referrer_name=data["referrer_name"],
            clinical_question=data["notes"],
        )  # fmt: skip
        return Entry(
            procedure=data["procedure"], side=data["side"], details=details, performed_at=self._performed_at(),
            room=data["room"], patient=data["patient"] if data["who"] == "known" else None,
            newcomer=self.newcomer(), unlike=tuple(sorted(unlike)),
            answers=tuple(self.safety.answers()),
        )  # fmt: skip

    def newcomer(self) -> PatientData | None:
        """Somebody to register; None when the patient is registered, or not known."""
        if self.cleaned_data["who"] != "new":
            return None
        return PatientData(**{name: self.cleaned_data[name] for name in NEWCOMER})

    def _performed_at(self) -> datetime | None:
        data = self.cleaned_data
        if not data["done"]:
            return None
        try:
            return at_site(self.site, data["performed_day"], data["performed_time"])
        except InvalidInput as fault:
            named = {"performed_day" if name == "day" else "performed_time": why for name, why in fault.fields.items()}
            raise InvalidInput(fault.message, fields=named) from None


def today_at(site: Site) -> dict[str, object]:
    """What the form begins with: done, today."""
    return {"performed_day": timezone.localdate(timezone=site.zone)}
