"""What a STOW is answered: the Store Instances Response Module (PS3.18 §10.5.3, annex I) in DICOM JSON, and its status.

200 when all is stored, 202 when some is, 409 when nothing is, 503 when something is kept here for later. A failure says
why in `message` too, which is no DICOM: so its body calls itself plain JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse, JsonResponse

from viewer.refusals import guarded, refusal
from viewer.retrieval import DICOM_JSON, ROOT
from viewer.stow_rules import NOT_NOW, Described, Fault

KEPT = "The archive does not take it now. It is kept here and will be stored later."


@dataclass(slots=True)
class Outcome:
    """What became of the objects of one request; `failed` and `kept` are not in the archive, as far as is known."""

    stored: list[Described] = field(default_factory=list)
    failed: list[tuple[Described, Fault]] = field(default_factory=list)
    kept: list[Described] = field(default_factory=list)

    def answer(self) -> HttpResponse:
        failures = [(one, fault.code) for one, fault in self.failed] + [(one, NOT_NOW) for one in self.kept]
        module = _module(self.stored, failures)
        if self.kept:
            return _failure(503, module, KEPT, kept=True)
        if self.stored:
            body = JsonResponse(module, status=202 if failures else 200, content_type=DICOM_JSON)
            return guarded(body)
        return _failure(409, module, self.failed[0][1].reason)


def refused(fault: Fault, objects: Iterable[Described]) -> HttpResponse:
    """All of a request is refused: each object is named, where it is known and its study is no secret."""
    if fault.status != 409:
        return refusal(fault.status, fault.reason)
    failures = [(one, fault.code) for one in objects]
    module = _module([], failures) if failures else {"0008119A": _sequence([{"00081197": _reason(fault.code)}])}
    return _failure(409, module, fault.reason)


def _failure(status: int, module: dict[str, Any], message: str, **facts: bool) -> HttpResponse:
    response = refusal(status, message, **facts)
    response.content = json.dumps({"message": message, **facts, **module}).encode()
    return response


def _module(stored: list[Described], failed: list[tuple[Described, int]]) -> dict[str, Any]:
    """A whole study is not retrieved at once, so its address (type 2) is empty."""
    found: dict[str, Any] = {"00081190": {"vr": "UR"}}
    if failed:
        items = [{**_reference(one), "00081197": _reason(code)} for one, code in failed]
        found["00081198"] = _sequence(items)
    if stored:
        found["00081199"] = _sequence([{**_reference(one), "00081190": _address(one)} for one in stored])
    return found


def _sequence(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"vr": "SQ", "Value": items}


def _reason(code: int) -> dict[str, Any]:
    return {"vr": "US", "Value": [code]}


def _reference(one: Described) -> dict[str, Any]:
    named = {"00081150": one.sop_class_uid, "00081155": one.sop_instance_uid}
    return {tag: {"vr": "UI", "Value": [uid]} if uid else {"vr": "UI"} for tag, uid in named.items()}


def _address(one: Described) -> dict[str, Any]:
    place = f"{ROOT}/studies/{one.study_instance_uid}/series/{one.series_instance_uid}"
    return {"vr": "UR", "Value": [f"{place}/instances/{one.sop_instance_uid}"]}
