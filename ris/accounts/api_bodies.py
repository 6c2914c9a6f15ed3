"""What the API takes: bodies that refuse unknown fields, references to what the caller may see, instants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ris.accounts.models import Site, User

LARGEST_ID = 2**63 - 1
READ_ONLY = "This cannot be written here."


class Strict(serializers.Serializer[Any]):
    """A body in which a field that cannot be written is an error, not silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := [name for name in data if name not in writable]:
                raise serializers.ValidationError(dict.fromkeys(unknown, READ_ONLY))
        return super().to_internal_value(data)


class ReasonBody(Strict):
    """Why something is cancelled."""

    reason = serializers.CharField(max_length=255)


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class VisibleField(serializers.Field[Any, Any, Any, Any]):
    """The id of something that the caller may see: `rows(user)` says what that is."""

    default_error_messages = {"unknown": "There is none with this id, or it is not yours to see."}

    def __init__(self, rows: Callable[[User], models.QuerySet[Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows
        self.number = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)

    def to_internal_value(self, data: Any) -> models.Model:
        if isinstance(data, bool | float):
            self.fail("unknown")
        found: models.Model | None = self.rows(self.context["request"].user).filter(
            pk=self.number.run_validation(data)
        ).first()  # fmt: skip
        if found is None:
            self.fail("unknown")
        return found

    def to_representation(self, value: Any) -> int:
        return int(value.pk)


class VisibleListField(serializers.ListField):
    """Ids of things that the caller may see, asked for at once; each is given once, in the order of the body."""

    child = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    default_error_messages = {"unknown": "There is none with the id {number}, or it is not yours to see."}

    def __init__(self, rows: Callable[[User], models.QuerySet[Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows

    def to_internal_value(self, data: Any) -> list[models.Model]:
        numbers = list(dict.fromkeys(super().to_internal_value(data)))
        found = {row.pk: row for row in self.rows(self.context["request"].user).filter(pk__in=numbers)}
        for number in numbers:
            if number not in found:
                self.fail("unknown", number=number)
        return [found[number] for number in numbers]


@extend_schema_field({"type": "string", "maxLength": 8, "example": "north"})
class SiteField(serializers.Field[Site, Any, Any, Any]):
    """The code of a site at which the caller holds a permission."""

    default_error_messages = {"unknown": "There is no such site, or it is not one of yours."}

    def __init__(self, permission: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.permission = permission
        self.code = serializers.CharField(max_length=8)

    def to_internal_value(self, data: Any) -> Site:
        user: User = self.context["request"].user
        sites = Site.objects.filter(pk__in=user.sites_where(self.permission))
        found = sites.filter(code=self.code.run_validation(data)).first()
        if found is None:
            self.fail("unknown")
        return found

    def to_representation(self, value: Site) -> str:
        return value.code


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.DateTimeField):
    """A moment with its offset: without one, a booking would be an hour off somewhere."""

    default_error_messages = {"naive": "Give the offset too, as in 2026-03-05T10:00:00+01:00."}

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("naive")
        return super().enforce_timezone(value)
