"""What is asked at a case: a wet read, for whom it waits, why somebody takes it over."""

from __future__ import annotations

from typing import Any

from django import forms

from ris.accounts.models import Site, User
from worklist.actions.handing import LONGEST_NOTE, Heir
from worklist.reading.filters import GROUP, PERSON
from worklist.reading.rows import readers_at
from worklist.reading.staff import ReadingGroup
from worklist.reading.wet import LINES, LONGEST_LINE


class WetReadForm(forms.Form):
    text = forms.CharField(
        label="What must be known now",
        max_length=LINES * (LONGEST_LINE + 2),
        widget=forms.Textarea(attrs={"rows": LINES, "data-shortcut": "w", "data-shortcut-label": "Write a wet read"}),
        help_text="One or two lines. The emergency ward sees them at once; the report follows.",
    )
    told_to = forms.CharField(label="Told to", max_length=80, help_text="Name or function, by telephone or in person.")


class TakeOverForm(forms.Form):
    reason = forms.CharField(
        max_length=255,
        label="Why",
        widget=forms.TextInput(attrs={"data-shortcut": "t", "data-shortcut-label": "Take the case over"}),
        help_text="Whoever reads it now is told. What was written stays, under both names.",
    )


class HeirForm(forms.Form):
    """A person or a group of the site, written u17 and g3; nothing: everybody."""

    to = forms.ChoiceField(
        label="For", required=False,
        widget=forms.Select(attrs={"data-shortcut": "s", "data-shortcut-label": "Say for whom it waits"}),
    )  # fmt: skip
    note = forms.CharField(label="Note", required=False, max_length=LONGEST_NOTE)

    def __init__(self, sites: list[Site], *args: Any, everybody: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pks = frozenset(site.pk for site in sites)
        people = [(f"{PERSON}{one.pk}", one.display) for one in readers_at(pks)]
        groups = [(f"{GROUP}{one.pk}", one.name) for one in ReadingGroup.objects.filter(site__in=pks)]
        first = [("", "Everybody" if everybody else "Choose")]
        self.fields["to"].required = not everybody
        self.fields["to"].error_messages["required"] = "Choose a person or a group."
        self.fields["to"].choices = [*first, ("Readers", people), ("Groups", groups)]  # type: ignore[attr-defined]

    @property
    def heir(self) -> Heir:
        chosen = str(self.cleaned_data["to"])
        if chosen.startswith(PERSON):
            return Heir(person=User.objects.get(pk=chosen[1:]))
        if chosen.startswith(GROUP):
            return Heir(group=ReadingGroup.objects.get(pk=chosen[1:]))
        return Heir()
