"""Whose charges, of which days."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from ris.accounts.models import Site, User

MOST_DAYS = 366


def _day(label: str, hint: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, help_text=hint)


class BillingForm(forms.Form):
    """A site that one manages and its days, the first and the last included."""

    site = forms.ModelChoiceField(Site.objects.none(), empty_label=None)
    first = _day("From")
    last = _day("To", "The last day counts too, at most a year.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites_of(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and (fault := fault_of_days(first, last)):
            self.add_error("last", fault)
        return data


def fault_of_days(first: date, last: date) -> str:
    """Why no charges are told of these days, or an empty string."""
    if last < first:
        return "The last day is before the first."
    return "Choose at most a year." if (last - first).days > MOST_DAYS else ""


def sites_of(user: User) -> QuerySet[Site]:
    return Site.objects.filter(pk__in=user.sites_where("site.manage")).order_by("name")


def this_month(user: User) -> dict[str, Any]:
    """What the form holds when it is opened."""
    today: date = timezone.localdate()
    return {"site": sites_of(user).first(), "first": today.replace(day=1), "last": today}
