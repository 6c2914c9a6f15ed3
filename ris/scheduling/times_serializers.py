"""Hours, closures, kept times, holidays and free times as the API writes and reads them."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ris.accounts.api_bodies import SiteField, Strict, VisibleField
from ris.accounts.models import Site, User
from ris.core.errors import InvalidInput
from ris.scheduling.actions import DayHours, Repeated
from ris.scheduling.actions.times import MOST_WEEKS
from ris.scheduling.affected import booked_in, booked_outside
from ris.scheduling.hours import require_near
from ris.scheduling.models import PURPOSES, Block, Closure, Holiday, Opening, Resource
from ris.scheduling.opening import LAST_MINUTE
from ris.scheduling.serializers import RoomSerializer

MIDNIGHT = "24:00"
MOST_HOURS = 50
A_YEAR = timedelta(days=366)


def managed_rooms(user: User) -> models.QuerySet[Resource]:
    """The rooms of the sites whose hours one sets."""
    return Resource.objects.filter(site__in=user.sites_where("site.manage")).select_related("site", "node")


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "example": "08:00"})
class ClockField(serializers.TimeField):
    """A wall-clock time of the site."""

    default_error_messages = {"invalid": "Write the time as 08:00."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **kwargs)


@extend_schema_field({"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "example": "17:00"})
class ClosingField(ClockField):
    """The same, and 24:00 for the end of the day."""

    def to_internal_value(self, value: Any) -> time:
        return LAST_MINUTE if value == MIDNIGHT else super().to_internal_value(value)

    def to_representation(self, value: Any) -> Any:
        return MIDNIGHT if isinstance(value, time) and value >= LAST_MINUTE else super().to_representation(value)


class NearDayField(serializers.DateField):
    """A day within the next or last twenty years, and a year to spare for what is searched or repeated from it."""

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        try:
            require_near(day)
            require_near(day + A_YEAR)
        except InvalidInput as error:
            raise serializers.ValidationError(error.message) from None
        return day


class OpeningSerializer(serializers.ModelSerializer[Opening]):
    """One stretch in which a room is open; weekday 0 is Monday."""

    opens = ClockField()
    closes = ClosingField()

    class Meta:
        model = Opening
        fields = ["weekday", "opens", "closes"]


class OpeningBody(Strict):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday.")
    opens = ClockField()
    closes = ClosingField()


class WeekBody(Strict):
    """The weekly hours, in the place of those there were; none at all: always open, day and night."""

    hours = serializers.ListField(child=OpeningBody(), max_length=MOST_HOURS)

    @staticmethod
    def hours_of(body: dict[str, Any]) -> list[DayHours]:
        return [DayHours(**row) for row in body["hours"]]


class WeekSerializer(serializers.ModelSerializer[Resource]):
    """The weekly hours of a room; none: always open. `booked_outside`: how many people are to be moved or called."""

    hours = OpeningSerializer(source="openings", many=True, read_only=True)
    booked_outside = serializers.SerializerMethodField()

    class Meta:
        model = Resource
        fields = ["id", "name", "hours", "booked_outside"]
        read_only_fields = fields

    def get_booked_outside(self, room: Resource) -> int:
        return booked_outside(room)


class ClosureSerializer(serializers.ModelSerializer[Closure]):
    """A time at which a room cannot be booked."""

    room = serializers.IntegerField(source="resource_id", read_only=True)

    class Meta:
        model = Closure
        fields = ["id", "room", "start", "end", "reason"]
        read_only_fields = fields


class KeptTimeSerializer(serializers.ModelSerializer[Block]):
    """Time of a room that only its purpose may take."""

    room = serializers.IntegerField(source="resource_id", read_only=True)

    class Meta:
        model = Block
        fields = ["id", "room", "start", "end", "purpose", "note"]
        read_only_fields = fields


class HolidaySerializer(serializers.ModelSerializer[Holiday]):
    """A day on which every room of a site is closed."""

    site = serializers.SlugRelatedField[Site](slug_field="code", read_only=True)

    class Meta:
        model = Holiday
        fields = ["id", "site", "day", "name"]
        read_only_fields = fields


class AddedSerializer(serializers.Serializer[Any]):
    """What was added. `booked_inside`: how many people have an appointment in it, to be moved or called."""

    booked_inside = serializers.SerializerMethodField()

    def get_booked_inside(self, row: Any) -> int:
        return booked_in(row).count()


class AddedClosureSerializer(AddedSerializer, ClosureSerializer):
    class Meta(ClosureSerializer.Meta):
        fields = [*ClosureSerializer.Meta.fields, "booked_inside"]
        read_only_fields = fields


class AddedKeptTimeSerializer(AddedSerializer, KeptTimeSerializer):
    class Meta(KeptTimeSerializer.Meta):
        fields = [*KeptTimeSerializer.Meta.fields, "booked_inside"]
        read_only_fields = fields


class AddedClosuresSerializer(serializers.Serializer[Any]):
    added = AddedClosureSerializer(many=True)


class AddedKeptTimesSerializer(serializers.Serializer[Any]):
    added = AddedKeptTimeSerializer(many=True)


class AddedHolidaySerializer(AddedSerializer, HolidaySerializer):
    class Meta(HolidaySerializer.Meta):
        fields = [*HolidaySerializer.Meta.fields, "booked_inside"]
        read_only_fields = fields


class StretchBody(Strict):
    """A stretch of site time in a room, on one day or on the same weekday of so many weeks."""

    room = VisibleField(managed_rooms)
    day = NearDayField()
    begins = ClockField()
    ends = ClockField()
    weeks = serializers.IntegerField(min_value=1, max_value=MOST_WEEKS, default=1)

    @staticmethod
    def when(body: dict[str, Any]) -> Repeated:
        named = {name: body[name] for name in ("day", "begins", "ends", "weeks")}
        return Repeated(resource=body["room"], **named)


class ClosureBody(StretchBody):
    reason = serializers.CharField(max_length=120, help_text="Clerks read it to patients.")


class KeptTimeBody(StretchBody):
    purpose = serializers.ChoiceField(PURPOSES)
    note = serializers.CharField(max_length=120, default="", allow_blank=True)


class HolidayBody(Strict):
    site = SiteField("site.manage")
    day = NearDayField()
    name = serializers.CharField(max_length=60)


class ManagedSiteQuery(serializers.Serializer[Any]):
    site = SiteField("site.manage", required=False)


class WishQuery(serializers.Serializer[Any]):
    """From which day on, not before which hour of a day, on which weekday, how long."""

    first = NearDayField(required=False, default=None, help_text="Today, when it is left out.")
    after = ClockField(required=False, default=None, help_text="Of the site's clock.")
    weekday = serializers.IntegerField(min_value=0, max_value=6, required=False, default=None, help_text="0 is Monday.")
    minutes = serializers.IntegerField(
        min_value=1, max_value=1440, required=False, default=None, help_text="As the exam takes, when it is left out."
    )


class PartSerializer(serializers.Serializer[Any]):
    """A further part of an exam that has several."""

    room = serializers.SerializerMethodField()
    start = serializers.SerializerMethodField()

    @extend_schema_field(RoomSerializer)
    def get_room(self, part: Any) -> Any:
        return RoomSerializer(part[0]).data

    @extend_schema_field(serializers.DateTimeField())
    def get_start(self, part: Any) -> str:
        return str(part[1].isoformat())


class OfferSerializer(serializers.Serializer[Any]):
    """A free time; `rest` are the further parts of an exam that has several."""

    room = RoomSerializer()
    start = serializers.DateTimeField()
    rest = PartSerializer(many=True)
