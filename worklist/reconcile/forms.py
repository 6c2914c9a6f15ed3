"""What the page of a study sends. Each form does its own decision; ids carry its name, as several stand there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ris.accounts.models import Site, User
from ris.core.texts import said_once
from ris.orders.models import SIDES, Procedure, RequestedProcedure
from ris.patients.models import Patient
from worklist.actions import decisions
from worklist.models import Study
from worklist.reconcile.decisions import StudyDecision


class DecisionForm(forms.Form):
    """`asked` is what was posted beside the fields: which exam is meant."""

    name = ""
    done = ""
    reason = forms.CharField(
        max_length=255, label="Why?", help_text="How you know. It stands in the audit trail with your name."
    )

    def __init__(self, *args: Any, study: Study, user: User, exam: int | None = None, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"{self.name}-{exam or 0}-%s"
        super().__init__(*args, **kwargs)
        self.study, self.user, self.exam = study, user, exam
        self.order_fields([*[name for name in self.fields if name != "reason"], "reason"])

    def requested(self) -> RequestedProcedure:
        """The exam that is meant, among those that the user may see."""
        rows = RequestedProcedure.objects.visible_to(self.user).select_related("procedure", "order__site")
        found = rows.filter(pk=self.exam or 0).first()
        if found is None:
            raise ValidationError("There is no such exam, or it is not yours to see.")
        return found

    def clean(self) -> dict[str, Any]:
        if self.exam is not None:
            self.requested()
        return self.cleaned_data

    def decide(self) -> StudyDecision:
        raise NotImplementedError


class LinkForm(DecisionForm):
    """`moves`: the study is another patient's, and the page said so beside the button."""

    name, done = "link", "The study is linked."
    moves = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def decide(self) -> StudyDecision:
        data = self.cleaned_data
        return decisions.link(self.study, self.requested(), reason=data["reason"], by=self.user, moves=data["moves"])


class UnlinkForm(DecisionForm):
    name, done = "unlink", "The study is not linked to this exam any more."

    def decide(self) -> StudyDecision:
        words = self.cleaned_data["reason"]
        return decisions.unlink(self.study, requested=self.requested(), reason=words, by=self.user)


class SplitForm(DecisionForm):
    name, done = "split", "The series belong to the other exam."
    series = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, label="Which series?", error_messages={"required": "Choose at least one."}
    )
    exam_number = forms.CharField(max_length=16, label="Accession number of the exam that they belong to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.study.received_series.order_by("number", "pk")
        named = ((row.series_instance_uid, said_once(row.modality, row.description), row) for row in rows)
        self.fields["series"].choices = [  # type: ignore[attr-defined]
            (uid, f"{row.number or 'No number'}: {words}, {row.images} images") for uid, words, row in named
        ]

    def clean_exam_number(self) -> RequestedProcedure:
        rows = RequestedProcedure.objects.visible_to(self.user).select_related("procedure", "order__site")
        found = list(rows.filter(accession_number__iexact=self.cleaned_data["exam_number"].strip())[:2])
        if len(found) != 1:
            raise ValidationError("There is no one exam with this accession number at your sites.")
        return found[0]

    def decide(self) -> StudyDecision:
        data = self.cleaned_data
        return decisions.split(
            self.study, data["exam_number"], series=data["series"], reason=data["reason"], by=self.user
        )


class OrderForm(DecisionForm):
    name, done = "order", "The order is made, and the study is linked to it."
    patient = forms.ModelChoiceField(
        Patient.objects.none(), label="Patient", empty_label=None, widget=forms.RadioSelect,
        error_messages={"required": "Choose the patient."},
    )  # fmt: skip
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", empty_label=None)
    procedure = forms.ModelChoiceField(Procedure.objects.none(), label="What was done", empty_label="Choose")
    side = forms.ChoiceField(choices=[("", "No side"), *SIDES], label="Side", required=False)

    def __init__(self, *args: Any, people: list[Patient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Patient.objects.visible_to(self.user).filter(pk__in=[person.pk for person in people])
        catalogue = Procedure.objects.filter(active=True, modality__in=self.study.modalities)
        self.fields["patient"].queryset = known  # type: ignore[attr-defined]
        self.fields["patient"].label_from_instance = _as_line  # type: ignore[attr-defined]
        self.fields["site"].queryset = Site.objects.filter(pk__in=self.user.sites_where("order.place"))  # type: ignore[attr-defined]
        self.fields["procedure"].queryset = catalogue  # type: ignore[attr-defined]

    def decide(self) -> StudyDecision:
        data = dict(self.cleaned_data)
        reason = data.pop("reason")
        return decisions.order_for(self.study, decisions.Missing(**data), reason=reason, by=self.user)


class UndoForm(DecisionForm):
    name, done = "undo", "The decision is undone."

    def __init__(self, *args: Any, decision: StudyDecision, **kwargs: Any) -> None:
        super().__init__(*args, study=decision.study, **kwargs)
        self.decision = decision

    def decide(self) -> StudyDecision:
        return decisions.undo(self.decision, reason=self.cleaned_data["reason"], by=self.user)


def _as_line(person: Patient) -> str:
    born = f"{person.birth_date:%Y-%m-%d}" if person.birth_date else "birth date unknown"
    numbers = ", ".join(f"{one.value} ({one.issuer})" for one in person.identifiers.all() if not one.retired)
    return f"{person.display_name}, {born}, {person.get_sex_display()}, {numbers}"
