"""What a clerk types of a person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from ris.accounts.models import Site, User
from ris.notifications.languages import languages
from ris.patients.actions import AlertData, PatientData
from ris.patients.finding.dates import dates_in
from ris.patients.models import SEXES, Patient, PatientAlert

DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d%m%Y", "%Y%m%d", "%d/%m/%y", "%d.%m.%y"]


class BirthDateField(forms.DateField):
    """A date as people type it; a year of two digits is the latest that is not in the future."""

    default_error_messages = {"invalid": "No such day. Write day, month and year, for example 17.5.1961."}

    def to_python(self, value: Any) -> date | None:
        found, rest = dates_in(str(value or ""), timezone.localdate())
        return max(found) if found and not rest.strip() else super().to_python(value)


class PatientForm(forms.Form):
    """A person's data, as `PatientData` takes it."""

    family_name = forms.CharField(max_length=64)
    given_name = forms.CharField(max_length=64, required=False)
    birth_date = BirthDateField(
        required=False,
        input_formats=DATE_FORMATS,
        label="Date of birth",
        help_text="For example 17.5.1961, 17/5/61, 17051961 or 1961-05-17.",
    )
    sex = forms.ChoiceField(choices=[("", "Unknown"), *SEXES[:3]], required=False)
    middle_name = forms.CharField(max_length=64, required=False)
    prefix = forms.CharField(max_length=32, required=False, label="Title")  # type: ignore[assignment]  # a field, not the form's
    suffix = forms.CharField(max_length=32, required=False)
    ideographic = forms.CharField(
        max_length=64, required=False, label="Name in ideographs", help_text="Family^Given, as 山田^太郎."
    )
    phonetic = forms.CharField(
        max_length=64, required=False, label="Name in phonetic script", help_text="Family^Given, as やまだ^たろう."
    )
    phone = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(
        required=False, label="E-mail", help_text="For appointments. For a child that of the guardian."
    )
    mobile = forms.CharField(
        max_length=40, required=False, help_text="With the country code, as +49 170 1234567, for an SMS."
    )
    messages_declined = forms.BooleanField(
        required=False, label="No messages", help_text="Wants no mail and no SMS about appointments."
    )
    language = forms.ChoiceField(
        required=False, choices=lambda: [("", "As the site writes"), *languages()], help_text="Of messages and slips."
    )
    guardian_name = forms.CharField(max_length=128, required=False, help_text="Who is asked and told, for a child.")
    guardian_relation = forms.CharField(
        max_length=40, required=False, label="Guardian is", help_text="Mother, father, appointed guardian …"
    )
    guardian_phone = forms.CharField(max_length=40, required=False)
    weight_kg = forms.DecimalField(
        required=False, max_digits=6, decimal_places=3, label="Weight in kg", localize=False, widget=forms.TextInput
    )
    weighed_on = forms.DateField(
        required=False, input_formats=DATE_FORMATS, label="Weighed on", help_text="Today when left empty."
    )
    confidential = forms.BooleanField(required=False, help_text="Shown with a warning; every look is recorded.")

    def data_for_action(self) -> PatientData:
        return PatientData(**{name: self.cleaned_data[name] for name in PatientData.__slots__})


class RegistrationForm(PatientForm):
    """A new person: also where, and under which number."""

    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None)
    number = forms.CharField(
        max_length=64, required=False, label="Patient number", help_text="Leave empty for the site's next number."
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(pk__in=user.sites_where("patient.register"))  # type: ignore[attr-defined]

    @property
    def is_sparse(self) -> bool:
        """A family name alone: nobody could tell this person from the next one of that name."""
        return not self.cleaned_data["given_name"].strip() and self.cleaned_data["birth_date"] is None


class IdentifierForm(forms.Form):
    """A number and who gave it."""

    issuer = forms.CharField(
        max_length=64,
        label="Given by",
        help_text="Authority: a hospital, an insurance. The same number of another authority is another's.",
    )
    value = forms.CharField(max_length=64, label="Number")


class AlertForm(forms.Form):
    """What everybody must know of a person."""

    kind = forms.ChoiceField(choices=PatientAlert.KINDS)
    text = forms.CharField(max_length=200, label="What it is")
    noted_on = forms.DateField(input_formats=DATE_FORMATS, label="Noted on")
    source = forms.CharField(max_length=80, required=False, help_text="The patient, a laboratory, a letter …")

    def data_for_action(self) -> AlertData:
        return AlertData(**self.cleaned_data)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=200)


class TemporaryForm(forms.Form):
    """Nothing is asked; an age may be told, and a site when there are several."""

    site = forms.ModelChoiceField(Site.objects.none(), required=False)
    estimated_age = forms.IntegerField(required=False, min_value=0, max_value=130)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = Site.objects.filter(pk__in=user.sites_where("patient.register"))
        self.fields["site"].queryset = self.sites  # type: ignore[attr-defined]

    def chosen_site(self) -> Site | None:
        """The one named, else the first of those where the person registers."""
        site: Site | None = self.cleaned_data["site"] or self.sites.first()
        return site


def initial_of(patient: Patient) -> dict[str, object]:
    """What the form shows of a record; of an unidentified person nothing that was only a placeholder."""
    known: dict[str, object] = {name: getattr(patient, name) for name in PatientData.__slots__}
    return known | {"family_name": "", "given_name": ""} if patient.temporary else known


def initial_from(text: str) -> dict[str, object]:
    """What a search that found nobody already said of the person."""
    dates, rest = dates_in(text, timezone.localdate())
    words = [word.strip(",;") for word in rest.split() if not any(map(str.isdigit, word))] or [""]
    names: dict[str, object] = {"family_name": words[0], "given_name": " ".join(words[1:])}
    return names | {"birth_date": max(dates, default=None)}
