"""Fields of a row of the configuration, made from its model as the admin makes its form."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.validators import RegexValidator
from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from ris.accounts.api_bodies import LARGEST_ID, SiteField, Strict, VisibleField, VisibleListField
from ris.accounts.configuring import CONFIGURE
from ris.accounts.models import Site, User

KEPT: Final = ("required", "allow_null", "help_text", "label")
# By what else than its number a thing is named in the API.
NAMED: Final[dict[str, str]] = {
    "accounts.user": "username", "orders.procedure": "code", "dicom.deviceprofile": "name",
}  # fmt: skip


@extend_schema_field({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}})
class SeveralField(VisibleListField):
    """Ids of several things of a row."""

    def to_representation(self, data: Any) -> list[int]:
        return [int(row.pk) for row in data.all()]


class PeopleField(serializers.ListField):
    """People by the names under which they sign in."""

    child = serializers.CharField(max_length=150)
    default_error_messages = {"unknown": "There is nobody called {name}."}

    def to_internal_value(self, data: Any) -> list[User]:
        names = list(dict.fromkeys(super().to_internal_value(data)))
        found = {user.username: user for user in User.objects.filter(username__in=names)}
        for name in names:
            if name not in found:
                self.fail("unknown", name=name)
        return [found[name] for name in names]

    def to_representation(self, data: Any) -> list[str]:
        return [user.username for user in data.all()]


class SettingSerializer(Strict, serializers.ModelSerializer[Any]):
    """Reads and writes a row; what the model refuses beyond a single field is the action's to say."""

    permission: ClassVar[str] = CONFIGURE

    def get_fields(self) -> dict[str, Any]:
        """Whether a name is taken is asked in the action, under its lock, and is 422; so is the pattern of what may
        be empty, since OpenAPI would take the two for alternatives of which one text is never both.
        """
        fields = super().get_fields()
        for field in fields.values():
            left = (UniqueValidator, RegexValidator) if getattr(field, "allow_blank", False) else UniqueValidator
            field.validators = [one for one in field.validators if not isinstance(one, left)]
        return fields

    def get_validators(self) -> list[Any]:
        return []

    def build_relational_field(self, field_name: str, relation_info: Any) -> tuple[Any, dict[str, Any]]:
        """Sites by their code, people and procedures by theirs, everything else by its id."""
        model, to_many = relation_info.related_model, relation_info.to_many
        made = super().build_relational_field(field_name, relation_info)[1]
        kept = {name: value for name, value in made.items() if name in KEPT}
        if to_many:
            return (PeopleField, kept) if model is User else (SeveralField, kept | {"rows": _rows_of(model)})
        if model is Site:
            return SiteField, kept | {"permission": self.permission}
        if name := NAMED.get(model._meta.label_lower):
            named = {"slug_field": name, "queryset": model._default_manager.all()}
            return serializers.SlugRelatedField, kept | named
        return VisibleField, kept | {"rows": _rows_of(model)}


def _rows_of(model: type[models.Model]) -> Any:
    return lambda _user: model._default_manager.all()
