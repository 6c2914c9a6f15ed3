"""Rows of a form in the admin: the heading of a column is the name of each control below it, for who hears the page."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.db import models
from django.forms import Field
from django.http import HttpRequest

Child = TypeVar("Child", bound=models.Model)
Parent = TypeVar("Parent", bound=models.Model)


class NamedRows(admin.TabularInline[Child, Parent]):
    """A table of rows whose controls say what they are."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        field: Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", str(field.label).capitalize())
        return field
