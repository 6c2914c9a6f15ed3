"""The on-call roster as people write it: by the clock of the site that the duty is at."""

from __future__ import annotations

from datetime import UTC, datetime
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

    def full_clean(self) -> None:
        """Read by a clock that is never set forward or back; `clean` says what the figures are at the site."""
        with timezone.override(UTC):
            super().full_clean()

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        site = found.get("site")
        if site is None:
            return found
        for name in TIMES:
            if found.get(name):
                self._at_the_site(name, found[name], site)
        if found.get("start") and found.get("end") and found["end"] <= found["start"]:
            self.add_error("end", "A duty ends after it has begun.")
        return found

    def _at_the_site(self, name: str, read: datetime, site: Site) -> None:
        """The same figures on the clock of the site; of an hour that comes twice the first one."""
        there = read.replace(tzinfo=site.zone)
        self.cleaned_data[name] = there
        if there.astimezone(UTC).astimezone(site.zone).replace(tzinfo=None) != read.replace(tzinfo=None):
            self.add_error(name, "The clocks of the site are set forward then: it has no such time.")
