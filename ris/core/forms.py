"""A domain error that names fields stands beside those fields; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django import forms

from ris.core.errors import Collision, InvalidInput

T = TypeVar("T")


def attempt(form: forms.BaseForm, action: Callable[[], T]) -> T | None:
    """Run an action with what a valid form holds; on InvalidInput or Collision the form gets the errors."""
    try:
        return action()
    except (InvalidInput, Collision) as error:
        known = {name: fault for name, fault in error.fields.items() if name in form.fields}
        for name, fault in known.items():
            form.add_error(name, fault)
        if not known or isinstance(error, Collision):
            form.add_error(None, error.message)
        return None
