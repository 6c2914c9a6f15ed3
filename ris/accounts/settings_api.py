"""Doors of the configuration at /api/v1/: listed, shown, added, changed, taken away, as in the admin."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import models
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris.accounts import configuring
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.accounts.settings_fields import SettingSerializer
from ris.core.errors import InvalidInput

M = TypeVar("M", bound=models.Model)


class SettingsViewSet(StationViewSet[M]):
    """Rows of one table for who may set up the installation. `form` reads and writes them; `fixed` stays once set.

    The first sentence of a subclass says what the rows are; it stands in the API's description.
    """

    needs = configuring.CONFIGURE
    form: ClassVar[type[SettingSerializer]]
    fixed: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Describe each operation of a table by what its rows are."""
        super().__init_subclass__(**kwargs)
        if "form" in cls.__dict__:
            extend_schema_view(**_described(cls))(cls)

    def visible(self, user: User) -> models.QuerySet[M]:
        named = [field.name for field in self.model._meta.concrete_fields
                 if field.is_relation and field.name in self.form.Meta.fields]  # type: ignore[attr-defined]  # fmt: skip
        rows = self.model._default_manager.select_related(*named) if named else self.model._default_manager.all()
        return rows.order_by("pk")  # type: ignore[return-value]

    def list(self, request: Request) -> Response:
        return self.page(self.get_queryset(), self.form)

    def retrieve(self, request: Request, pk: int) -> Response:
        return self.shown(self.one())

    def create(self, request: Request) -> Response:
        return self.shown(self.written(self.model(), self.body(self.form)), status=201)

    def partial_update(self, request: Request, pk: int) -> Response:
        row, body = self.one(), self.body(self.form, partial=True)
        if moved := [name for name in self.fixed if name in body and body[name] != getattr(row, name)]:
            raise InvalidInput("This stays as it is.", fields=dict.fromkeys(moved, "Set once, when it is added."))
        return self.shown(self.written(row, body))

    def written(self, row: Any, body: dict[str, Any]) -> Any:
        """The row with what was sent, kept by its action."""
        several = {field.name for field in self.model._meta.many_to_many}
        many = {name: body.pop(name) for name in several & set(body)}
        for name, value in body.items():
            setattr(row, name, value)
        return self.store(row, fields=body, many=many)

    def store(self, row: Any, *, fields: dict[str, Any], many: dict[str, Any]) -> Any:
        """The action behind this table."""
        return configuring.keep(row, by=self.user, fields=fields, many=many)

    def shown(self, row: Any, *, status: int = 200) -> Response:
        return Response(self.form(row, context={"user": self.user}).data, status=status)


class RemovableViewSet(SettingsViewSet[M]):
    """Of which a row can go again."""

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: int) -> Response:
        """Take it away; 409 while something uses it."""
        configuring.remove(self.one(), by=self.user)
        return Response(status=204)


def _described(cls: type[SettingsViewSet[Any]]) -> dict[str, Any]:
    what, form = (cls.__doc__ or "").partition("\n")[0].rstrip("."), cls.form
    small = what[:1].lower() + what[1:]
    return {
        "list": extend_schema(responses=form(many=True), description=f"{what}."),
        "retrieve": extend_schema(responses=form, description=f"One of {small}."),
        "create": extend_schema(request=form, responses={201: form}, description=f"Add one to {small}."),
        "partial_update": extend_schema(
            request=form, responses=form, description=f"Change one of {small}; what is not named stays."
        ),
    }
