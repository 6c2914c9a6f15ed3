"""When and where."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms

from ris.core.errors import InvalidInput
from ris.orders.models import PRIORITIES, SIDES, Procedure
from ris.orders.usage import named_by
from ris.scheduling.actions import DayHours, Repeated, Slot
from ris.scheduling.finder import Wish, wish_of
from ris.scheduling.hours import at_site
from ris.scheduling.models import PURPOSES, WEEKDAYS, Resource
from ris.scheduling.opening import LAST_MINUTE

CLOCK = ["%H:%M", "%H:%M:%S", "%H%M"]
ANY_DAY = [("", "Any day")]
WEEKDAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def day_field(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def time_field(**options: Any) -> forms.TimeField:
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}), input_formats=CLOCK, **options)


class SlotForm(forms.Form):
    """A room, a day and a time in site time."""

    room = forms.ModelChoiceField(Resource.objects.none(), empty_label=None)
    day = day_field()
    time = time_field()
    minutes = forms.IntegerField(min_value=1, max_value=1440)

    def __init__(self, *args: Any, rooms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms  # type: ignore[attr-defined]

    def slot(self) -> Slot:
        """The slot; raises InvalidInput in the gap of spring."""
        data = self.cleaned_data
        start = at_site(data["room"].site, data["day"], data["time"])
        return Slot(resource=data["room"], start=start, minutes=data["minutes"])


class DropForm(SlotForm):
    """Where the calendar let something go. `was` names where it stood before."""

    was = forms.CharField(required=False)
    keep_start = forms.BooleanField(required=False)

    def checked(self) -> DropForm:
        """Itself; raises InvalidInput with the first fault, for a page that has no fields to show it beside."""
        if not self.is_valid():
            name, faults = next(iter(self.errors.items()))
            raise InvalidInput(f"{name}: {faults[0]}", fields={name: str(faults[0])})
        return self


class WishForm(forms.Form):
    """What the first free time must suit."""

    first = day_field(required=False, label="From")
    after = time_field(required=False, label="Not before")
    weekday = forms.TypedChoiceField(
        choices=ANY_DAY + [(number, WEEKDAY_NAMES[number]) for number, _ in WEEKDAYS],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def wish(self, zone: Any) -> Wish:
        data = self.cleaned_data
        return wish_of(zone, first=data["first"], after=data["after"], weekday=data["weekday"])


class WalkInForm(forms.Form):
    """What is to be done now: an exam by code or words, and where it has one, the side."""

    exam = forms.CharField(max_length=120, error_messages={"required": "Which exam? Type its code or some letters."})
    side = forms.ChoiceField(choices=[("", "Side?"), *SIDES], required=False)
    priority = forms.ChoiceField(choices=PRIORITIES, initial="ROUTINE", required=False)
    room = forms.ModelChoiceField(Resource.objects.none(), required=False, empty_label="The first that is free")

    def __init__(self, *args: Any, rooms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms  # type: ignore[attr-defined]

    def clean_exam(self) -> Procedure:
        found = named_by(self.cleaned_data["exam"])
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError("The catalogue has no such exam. Try fewer letters.")
        names = ", ".join(row.code for row in found[:6])
        raise forms.ValidationError(f"Which one: {names}{' …' if len(found) > 6 else ''}?")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if (exam := data.get("exam")) and exam.paired and not data.get("side"):
            self.add_error("side", "Right, left or both?")
        return data


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Why is it cancelled?")


class ReopenForm(forms.Form):
    reason = forms.CharField(max_length=255, label="Why is it not over?")


class OverbookForm(SlotForm):
    """Beside the calendar, or in somebody's place."""

    way = forms.ChoiceField(
        choices=[("lane", "Open a lane beside the room's own"), ("displace", "Take the place of who is booked then")],
        initial="lane",
        label="How",
        widget=forms.RadioSelect,
    )
    lane = forms.CharField(max_length=40, required=False, initial="Overbooked", label="Name of the lane")
    reason = forms.CharField(max_length=255, label="Why is the calendar passed over?")


class TimesForm(forms.Form):
    """A stretch of time in a room, perhaps each week."""

    room = forms.ModelChoiceField(Resource.objects.none(), empty_label=None)
    day = day_field()
    begins = time_field(label="From")
    ends = time_field(label="Until")
    weeks = forms.IntegerField(min_value=1, max_value=53, initial=1, label="For how many weeks")

    def __init__(self, *args: Any, rooms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms  # type: ignore[attr-defined]

    def when(self) -> Repeated:
        data = self.cleaned_data
        named = {name: data[name] for name in ("day", "begins", "ends", "weeks")}
        return Repeated(resource=data["room"], **named)


class ClosureForm(TimesForm):
    reason = forms.CharField(max_length=120, label="Why is it closed?")


class BlockForm(TimesForm):
    purpose = forms.ChoiceField(choices=PURPOSES, label="Kept for")
    note = forms.CharField(max_length=120, required=False)


class WeekForm(forms.Form):
    """The weekly hours of a room as people write them: 08:00-12:00, 13:00-17:00 beside each day."""

    always = forms.BooleanField(required=False, label="Always open", help_text="Day and night, each day.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAY_NAMES):
            self.fields[f"day_{number}"] = forms.CharField(
                required=False, max_length=120, label=name,
                widget=forms.TextInput(attrs={"placeholder": "closed", "autocomplete": "off"}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        self.found: list[DayHours] = []
        for number in range(len(WEEKDAY_NAMES)):
            try:
                self.found += _hours_of_day(number, data.get(f"day_{number}", ""))
            except ValueError:
                self.add_error(f"day_{number}", "Write 08:00-12:00, or several with commas between; empty is closed.")
        if not self.errors and bool(self.found) == data["always"]:
            self.add_error(None, "Either it is always open, or it has hours on some day.")
        return data

    def hours(self) -> list[DayHours]:
        return self.found


def _hours_of_day(weekday: int, text: str) -> list[DayHours]:
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        opens, _, closes = part.replace("–", "-").partition("-")
        found.append(DayHours(weekday, _clock(opens), _clock(closes)))
    return found


def _clock(text: str) -> time:
    """08:00, 8:00 or 8; 24:00 is the last minute of the day. Raises ValueError."""
    hours, _, minutes = text.strip().partition(":")
    if (hours, minutes or "00") == ("24", "00"):
        return LAST_MINUTE
    return time(int(hours), int(minutes or 0))


class BedsideForm(forms.Form):
    ward = forms.CharField(max_length=40, required=False, help_text="As the technologist finds it: 4 West.")
    bed = forms.CharField(max_length=16, required=False, label="Bed or room")
    portable = forms.BooleanField(required=False, initial=True, label="The device comes to the patient")


class HolidayForm(forms.Form):
    day = day_field()
    name = forms.CharField(max_length=60)
