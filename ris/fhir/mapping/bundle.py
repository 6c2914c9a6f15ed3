"""Bundle of a search (R4 §3.1.1) and OperationOutcome (§2.42)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ris.fhir.mapping.datatypes import House, Json, told

# How many resources go along with a page (`_include`, `_revinclude`).
MOST_INCLUDED: Final = 1000

# Our error codes and FHIR's issue types; whatever is not named here is `processing`.
ISSUES: Final = {
    "not-found": "not-found",
    "not-permitted": "forbidden",
    "permission-denied": "forbidden",
    "not-authenticated": "login",
    "authentication-failed": "login",
    "illegal-move": "conflict",
    "changed-meanwhile": "conflict",
    "slot-taken": "conflict",
    "unavailable": "transient",
    "invalid": "business-rule",
    "wrong": "invalid",
    "parse-error": "structure",
    "method-not-allowed": "not-supported",
    "not-acceptable": "not-supported",
    "unsupported-media-type": "not-supported",
    "too-large": "too-long",
    "several": "multiple-matches",
}


def searchset(
    matches: Sequence[Json],
    included: Sequence[Json],
    house: House,
    *,
    total: int,
    links: Iterable[tuple[str, str]],
    warning: str = "",
) -> Json:
    """What was found, then what goes with it; `links`: (relation, address); `warning`: what the answer leaves out."""
    entries = [_entry(one, house, "match") for one in matches] + [_entry(one, house, "include") for one in included]
    entries += [{"resource": _warned(warning), "search": {"mode": "outcome"}}] if warning else []
    shown = [{"relation": relation, "url": url} for relation, url in links]
    return told(resourceType="Bundle", type="searchset", total=total, link=shown, entry=entries)


def _entry(resource: Json, house: House, mode: str) -> Json:
    url = f"{house.base}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}


def _warned(words: str) -> Json:
    issue = {"severity": "warning", "code": "too-costly", "diagnostics": words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def outcome(code: str, message: str, fields: Iterable[tuple[str, str]] = ()) -> Json:
    """Every error: one issue for the whole, one for each element or parameter that is wrong."""
    kind = ISSUES.get(code, "processing")
    issues = [told(severity="error", code=kind, diagnostics=message)]
    issues += [told(severity="error", code=kind, diagnostics=words, expression=[name]) for name, words in fields]
    return {"resourceType": "OperationOutcome", "issue": issues}
