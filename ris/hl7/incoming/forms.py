from __future__ import annotations

from django import forms

from ris.accounts.models import User
from ris.hl7.incoming.permissions import senders_of
from ris.hl7.incoming.record import Sender


class RehearsalForm(forms.Form):
    """A message to try, as one of the senders of one's sites would send it."""

    sender = forms.ModelChoiceField(Sender.objects.none(), help_text="Whose rules and codes count.")
    text = forms.CharField(
        label="Message",
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "mono"}),
        help_text="From MSH on, a segment a line.",
    )

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        senders = senders_of(user)
        self.fields["sender"].queryset = senders  # type: ignore[attr-defined]
        if len(senders) == 1:
            self.initial.setdefault("sender", senders[0])
