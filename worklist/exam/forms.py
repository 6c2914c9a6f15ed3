"""What the exam's page sends. Each form knows the action that it is for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model

from ris.accounts.models import User
from ris.orders.models import SIDES
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions import exam, record
from worklist.exam.record import (
    ANSWERS,
    IDENTIFIERS,
    INCIDENTS,
    QUANTITY_CHOICES,
    REACTIONS,
    ROUTES,
    ContrastAgent,
    RejectReason,
)


class EntryForm(forms.Form):
    """A form of one line of the record; ids carry its name, since several stand on a page."""

    name = ""
    done = "It is recorded."

    def __init__(self, *args: Any, step: ScheduledProcedureStep, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"{self.name}-%s"
        super().__init__(*args, **kwargs)
        self.step = step

    def keep(self, by: User) -> Model | None:
        raise NotImplementedError


class TimeOutForm(EntryForm):
    name, done = "time-out", "Patient and side are confirmed."
    identifiers = forms.MultipleChoiceField(
        choices=IDENTIFIERS, widget=forms.CheckboxSelectMultiple, label="Confirmed by",
        help_text="Two at least.",
    )  # fmt: skip
    side = forms.ChoiceField(choices=[("", "Choose"), *SIDES], label="Side, as the patient says it")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.step.requested_procedure.laterality:
            del self.fields["side"]

    def keep(self, by: User) -> Model:
        data = self.cleaned_data
        return exam.confirm(self.step, identifiers=data["identifiers"], side=data.get("side", ""), by=by)


class ContrastForm(EntryForm):
    name, done = "contrast", "The contrast agent is recorded."
    agent = forms.ModelChoiceField(ContrastAgent.objects.filter(active=True), empty_label="Choose")
    volume_ml = forms.DecimalField(label="Volume in mL", min_value=Decimal("0.1"), max_value=2000, decimal_places=1)
    route = forms.ChoiceField(choices=ROUTES)
    lot = forms.CharField(max_length=40, required=False, label="Lot")
    reaction = forms.ChoiceField(choices=REACTIONS, required=False, help_text="It can be added later too.")
    reaction_text = forms.CharField(max_length=120, required=False, label="What happened")

    def keep(self, by: User) -> Model:
        data = self.cleaned_data | {"reaction": self.cleaned_data["reaction"] or "none"}
        return record.give_contrast(self.step, record.Contrast(**data), by=by)


class RepeatForm(EntryForm):
    name, done = "repeat", "The repeat is recorded."
    reason = forms.ModelChoiceField(RejectReason.objects.filter(active=True), empty_label="Choose")
    images = forms.IntegerField(min_value=1, max_value=1000, initial=1, label="Images made again")
    view = forms.CharField(max_length=64, required=False, label="Which view")

    def keep(self, by: User) -> Model:
        return record.note_repeat(self.step, record.Repeated(**self.cleaned_data), by=by)


class DoseForm(EntryForm):
    name, done = "dose", "The dose is recorded."
    quantity = forms.ChoiceField(choices=[("", "Choose"), *QUANTITY_CHOICES])
    value = forms.DecimalField(min_value=0, max_digits=10, decimal_places=3)

    def keep(self, by: User) -> Model:
        return record.note_dose(self.step, record.Dose(**self.cleaned_data), by=by)


class CommentForm(EntryForm):
    name, done = "comment", "The comment is recorded."
    text = forms.CharField(max_length=2000, label="Comment", widget=forms.Textarea(attrs={"rows": 2}))

    def keep(self, by: User) -> Model:
        return record.remark(self.step, record.Said(kind="comment", **self.cleaned_data), by=by)


class IncidentForm(EntryForm):
    name, done = "incident", "The incident is recorded; your site's administrators see it."
    category = forms.ChoiceField(choices=[("", "Choose"), *INCIDENTS])
    text = forms.CharField(max_length=2000, label="What happened", widget=forms.Textarea(attrs={"rows": 3}))

    def keep(self, by: User) -> Model:
        return record.remark(self.step, record.Said(kind="incident", **self.cleaned_data), by=by)


class SendForm(EntryForm):
    name, done = "send", "Handed to the readers."
    note = forms.CharField(
        max_length=2000, required=False, label="Note to the radiologist",
        widget=forms.Textarea(attrs={"rows": 3}), help_text="It stands beside the images and the report.",
    )  # fmt: skip

    def keep(self, by: User) -> Model:
        task = exam.send_to_reading(self.step, note=self.cleaned_data["note"], by=by)
        if task is None:
            self.done = "Kept. No image has come yet: the case opens with the first."
        return self.step


class SkipForm(EntryForm):
    name, done = "skip", "The exam runs, without a time-out."
    skip_because = forms.CharField(max_length=255, label="Why without a time-out?")

    def keep(self, by: User) -> Model:
        return exam.start_exam(self.step, skip_because=self.cleaned_data["skip_because"], by=by)


class DiscontinueForm(EntryForm):
    name, done = "discontinue", "The exam is broken off; what images exist are read."
    reason = forms.CharField(max_length=200, label="Why is it broken off?")

    def keep(self, by: User) -> Model:
        return exam.discontinue_exam(self.step, reason=self.cleaned_data["reason"], by=by)


FORMS: dict[str, type[EntryForm]] = {
    form.name: form
    for form in (
        TimeOutForm, ContrastForm, RepeatForm, DoseForm, CommentForm, IncidentForm, SendForm, SkipForm, DiscontinueForm,
    )
}  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Why is it taken back?")


class WrongPatientForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Whose images are they, as far as you know?")


class ReactionForm(forms.Form):
    reaction = forms.ChoiceField(choices=REACTIONS)
    text = forms.CharField(max_length=120, required=False, label="What happened")


class SideForm(forms.Form):
    answer = forms.ChoiceField(choices=ANSWERS, widget=forms.RadioSelect, label="What is true?")
    reason = forms.CharField(max_length=255, label="How do you know?", help_text="Patient, images, a colleague.")
