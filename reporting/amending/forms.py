"""The text areas of an addendum or a correction, and the question why: what was wrong, or why it does not count."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from reporting.actions.amend import Typed
from reporting.amending.correcting import addable, key_of, pictured
from reporting.amending.dropping import droppable, image_words, meant
from reporting.amending.instants import LOCAL, local
from reporting.amending.record import LONGEST_CALLER, LONGEST_REASON, Amendment
from reporting.forms import fields_of
from reporting.models import KeyImage, ReportVersion

WHY = {"correction": "What was wrong", "withdrawal": "Why it does not count"}
ROWS = {"addendum": 6, "correction": 4}


class NeededLater(forms.CharField):
    """Needed for the signature, which asks for it; a draft may be without."""

    def validate(self, value: object) -> None:
        """Nothing is missing yet."""


class AmendmentForm(forms.Form):
    """One area for each text; of a correction the reason, and what of the version before it is taken out; of a
    withdrawal the reason alone.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(
        self, amendment: Amendment, base: ReportVersion, data: QueryDict | None = None, *, after_a_call: bool = False
    ) -> None:
        self.after_a_call, self.zone, self.amendment = after_a_call, amendment.report.site.zone, amendment
        self.touched = fields_of(data).typed if data is not None else {}
        super().__init__(_by_keys(data, base), initial={"revision": amendment.revision, "seen": base.number})
        for number, item in enumerate(amendment.texts):
            self.fields[f"text-{number}"] = forms.CharField(
                label=item["title"], widget=self._area(ROWS[amendment.kind]), required=False, initial=item["text"],
                strip=False,
            )  # fmt: skip
        if amendment.kind == "addendum":
            self._add_caller(amendment)
        else:
            self.fields["reason"] = NeededLater(
                label=WHY[amendment.kind], max_length=LONGEST_REASON, initial=amendment.reason,
                widget=self._area(2),
            )  # fmt: skip
        if amendment.kind == "correction":
            self._add_what_does_not_hold(amendment, base)
            self._add_images(amendment, base)
        if amendment.kind == "withdrawal":  # asked for by pages and programs that know of no draft
            self.fields["revision"].required = self.fields["seen"].required = False

    def _area(self, rows: int) -> forms.Textarea:
        """Alt and its number lead to it; it is saved, kept and joined as a section of a report is."""
        number = len(self.fields) - 1
        return forms.Textarea(attrs={"rows": rows, "spellcheck": "true", "data-section": number})

    def _add_what_does_not_hold(self, amendment: Amendment, base: ReportVersion) -> None:
        if rows := droppable(base.content):
            shown = {key_of(one): one for one in pictured(amendment.report, base)}
            self.fields["left_out"] = forms.MultipleChoiceField(
                label="What does not hold",
                choices=[
                    (row.key, _picture_of(shown[row.key], row.words) if row.key in shown else row.words) for row in rows
                ],
                required=False,
                initial=meant(base.content, amendment.left_out),
                widget=forms.CheckboxSelectMultiple,
                help_text="It is taken out, and with a number all that was computed from it. Your text is yours.",
            )

    def _add_images(self, amendment: Amendment, base: ReportVersion) -> None:
        if images := addable(amendment.report, base):
            self.fields["key_images"] = forms.MultipleChoiceField(
                label="Key images to add",
                choices=[(key_of(one), _picture_of(one, image_words(one.place, one.label))) for one in images],
                required=False,
                initial=amendment.key_images,
                widget=forms.CheckboxSelectMultiple,
                help_text="What was pointed out in the viewer and does not stand in this report.",
            )

    def _add_caller(self, amendment: Amendment) -> None:
        """Times are typed and shown on the site's clock."""
        at = amendment.called_at or (timezone.now() if self.after_a_call else None)
        self.fields["caller"] = forms.CharField(
            label="Who called", max_length=LONGEST_CALLER, required=False, initial=amendment.caller,
            help_text="When a call is the reason: name and place, as in Dr. Ward, ward 4.",
        )  # fmt: skip
        self.fields["called_at"] = forms.DateTimeField(
            label="When", required=False, initial=local(at, self.zone),
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
        )  # fmt: skip

    @property
    def typed(self) -> Typed:
        """What a valid form holds."""
        data = self.cleaned_data
        texts = [data[name] for name in self.fields if name.startswith("text-")]
        at = data.get("called_at") if data.get("caller") else None
        called_at = at.replace(tzinfo=self.zone) if at else None
        return Typed(
            texts, data["seen"] or self.amendment.base, data.get("reason", ""), data.get("left_out", []),
            data.get("caller", ""), called_at, self.touched, data.get("key_images", []),
        )  # fmt: skip

    @property
    def seen_revision(self) -> int:
        """The one that the page was made from."""
        given = self.cleaned_data["revision"]
        return self.amendment.revision if given is None else int(given)

    @property
    def faults(self) -> dict[str, str]:
        """Of what cannot be kept, by field, with its label."""
        return {name: f"{self._called(name)}{' '.join(map(str, found))}" for name, found in self.errors.items()}

    def _called(self, name: str) -> str:
        return f"{self.fields[name].label}: " if name in self.fields and self.fields[name].label else ""


def _picture_of(image: KeyImage, words: str) -> str:
    url = reverse("reporting:key-image-picture", args=[image.pk])
    return format_html(
        '<img class="key-image__small" src="{}" alt="" width="56" height="56" loading="lazy"> {}', url, words
    )


def _by_keys(data: QueryDict | None, base: ReportVersion) -> QueryDict | None:
    """A page that was opened some versions ago ticks labels."""
    if data is None or "left_out" not in data:
        return data
    data = data.copy()
    data.setlist("left_out", meant(base.content, data.getlist("left_out")))
    return data
