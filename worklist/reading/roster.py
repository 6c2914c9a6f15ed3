"""The on-call roster as people write it: by the clock of the site that the duty is at."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from ris.accounts.models import Site
from worklist.reading.staff import OnCall

TIMES = ("start", "end")


class OnCallForm(forms.ModelForm[OnCall]):
    """Django reads a time by the server's clock; the site's may be another."""

    class Meta:
        model = OnCall
        fields = ("site", "user", "start", "end")
        help_texts: ClassVar = dict.fromkeys(TIMES, "By the clock of the site.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            zone = self.instance.site.zone
            self.initial.update({name: timezone.make_naive(getattr(self.instance, name), zone) for name in TIMES})

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        site = found.get("site")
        if site is None:
            return found
        found |= {name: _at(found[name], site) for name in TIMES if found.get(name)}
        if found.get("start") and found.get("end") and found["end"] <= found["start"]:
            self.add_error("end", "A duty ends after it has begun.")
        return found


def _at(read: datetime, site: Site) -> datetime:
    """The same figures on the clock, at the site."""
    return timezone.make_naive(read).replace(tzinfo=site.zone)
