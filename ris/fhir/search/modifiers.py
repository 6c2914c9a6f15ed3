"""Modifiers of search parameters (R4 §3.1.1.4.3): family:exact, status:not, date:missing, subject:Patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import or_
from typing import Final

from django.db.models import Q

from ris.fhir.search.parameters import Code, Moment, Named, Parameter, Reference, Text, Token
from ris.fhir.search.values import Wrong

LOOKUPS: Final = {"exact": "exact", "contains": "icontains"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Parameter):
    """Whatever is none of these."""

    kind = "token"
    code: Code

    def asks(self, text: str) -> Q:
        return ~self.code.asks(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Parameter):
    kind = "token"

    def one(self, text: str) -> Q:
        if text not in ("true", "false"):
            raise Wrong(self.name, "true or false.")
        return Q(**{f"{self.field}__isnull": text == "true"})


def known_of(parameter: Parameter) -> tuple[str, ...]:
    """The modifiers that a parameter takes; one of what is computed, and so has no column, takes fewer."""
    if isinstance(parameter, Text):
        return tuple(LOOKUPS)
    if isinstance(parameter, Named):
        return ("identifier",)
    if isinstance(parameter, Code) and parameter.field:
        return ("not",)
    if isinstance(parameter, Reference) and len(parameter.targets) == 1:
        return parameter.targets
    # Those that compute their moment from several columns are never without one.
    return ("missing",) if type(parameter) is Moment and parameter.field else ()


def said_of(parameter: Parameter) -> str:
    """What a parameter is for, and what else it takes."""
    known = " ".join(f"`:{one}`" for one in known_of(parameter))
    whole = "`system|` for all of a system." if isinstance(parameter, Token) and parameter.whole else ""
    return " ".join(part for part in (parameter.what, whole, f"With {known}." if known else "") if part)


def modified(parameter: Parameter, modifier: str) -> Parameter:
    """What a parameter asks with a modifier. Raises Wrong for one that it does not take."""
    name = f"{parameter.name}:{modifier}"[:60]
    if modifier not in known_of(parameter):
        known = ", ".join(f":{one}" for one in known_of(parameter)) or "none"
        raise Wrong(name, f"Modifiers of {parameter.name}: {known}.")
    if isinstance(parameter, Text):
        return replace(parameter, name=name, test=partial(_in_fields, parameter.fields, LOOKUPS[modifier]))
    if isinstance(parameter, Code):
        return Not(name=name, what=parameter.what, code=parameter)
    if isinstance(parameter, Reference | Named):
        return parameter
    return Missing(name=name, what=parameter.what, field=parameter.field)


def _in_fields(fields: Sequence[str], lookup: str, text: str) -> Q:
    return reduce(or_, (Q(**{f"{field}__{lookup}": text}) for field in fields))
