"""Words of the admin's fields: what stands behind each, where the model's own name is too short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin
from django.db import models
from django.forms import Field
from django.http import HttpRequest

from ris.accounts.configuring import keep, remove

if TYPE_CHECKING:
    from ris.accounts.models import User


class Explained(admin.ModelAdmin[Any]):
    """A page of the admin whose fields say what to write; `labels` puts capitals right."""

    labels: ClassVar[Mapping[str, str]] = {}
    explanations: ClassVar[Mapping[str, str]] = {}

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        if db_field.name in self.labels:
            kwargs["label"] = self.labels[db_field.name]
        if db_field.name in self.explanations:
            kwargs["help_text"] = self.explanations[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class Configured(Explained):
    """Saving and deleting are the same actions as in the API (ris.accounts.configuring)."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's own
        keep(obj, by=cast("User", request.user), fields=form.changed_data)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        remove(obj, by=cast("User", request.user))
