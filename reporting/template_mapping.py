"""The mapping page: which measurement of a real SR fills which field, tried out before it is published."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from reporting.actions.templates import TemplateData, faults_of, keep_sample
from reporting.candidates import NARROWED, OF_EACH, WORDS, rank
from reporting.lifecycle import OBJECT
from reporting.measured import measurements
from reporting.models import Measurement, ReportTemplate, SampleReading, StoredObject
from reporting.template_pages import data_of, page, user_of
from reporting.templates.fields import type_of, written
from reporting.templates.units import printed
from ris import audit
from ris.dicom import sandbox
from ris.dicom.sandbox.errors import SandboxRefused

LARGEST = 5_000_000
MOST_LISTED = 40
UTC = ZoneInfo("UTC")


@require_GET
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Measurements of the chosen object on the left, the template's numbers on the right."""
    user = user_of(request)
    row = get_object_or_404(ReportTemplate, pk=pk)
    chosen = request.GET.get("of", "")
    reading = _reading(chosen)
    if reading is not None and chosen.startswith("object-"):
        audit.record("object.viewed", ("storedobject", chosen.removeprefix("object-")), by=user)
    rows = [] if reading is None else _rows(reading)
    return page(
        request, "mapping", template=row, title=f"Measurements for {row}", chosen=chosen, reading=reading,
        choices=_choices(), measurements=[_shown(one) for one in rows],
        editor={"body": TemplateData.of(row).columns(), "open": row.open, "of": chosen,
                "measurements": [_source(one) for one in rows]},
    )  # fmt: skip


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [(value, words)]): uploaded here; SRs of the viewer or of devices that were read, newest first."""
    samples = SampleReading.objects.all()[:MOST_LISTED]
    stored = StoredObject.objects.filter(state__in=OBJECT.groups["usable"], measurements__isnull=False).distinct()
    uploaded = [(f"sample-{row.pk}", f"{row.name}, {row.added_at:%Y-%m-%d %H:%M}") for row in samples]
    archived = [
        (f"object-{row.pk}", f"{row.description or 'no description'}, {row.stored_at:%Y-%m-%d %H:%M}")
        for row in stored.order_by("-stored_at")[:MOST_LISTED]
    ]
    return [(words, rows) for words, rows in (("Uploaded here", uploaded), ("In the archive", archived)) if rows]


def _reading(chosen: str) -> dict[str, Any] | None:
    """`chosen` is "sample-12" or "object-34"; what does not exist is nothing."""
    kind, _, number = chosen.partition("-")
    if not number.isdecimal() or len(number) > 18:
        return None
    if kind == "sample":
        sample = SampleReading.objects.filter(pk=int(number)).first()
        return sample.reading if sample else None
    stored = StoredObject.objects.filter(pk=int(number)).first() if kind == "object" else None
    return stored.reading if stored else None


def _rows(reading: dict[str, Any]) -> list[Measurement]:
    """As a report would have them; none is kept."""
    return measurements(StoredObject(pk=0, reading=reading), reading, UTC)


def _shown(row: Measurement) -> dict[str, Any]:
    about = (row.finding, row.finding_site, row.laterality, row.method)
    return {
        "name": row.name,
        "code": f"{row.scheme} {row.code}",
        "value": f"{written(row.value)} {printed(row.unit)}".strip(),
        "tool": row.tool,
        "label": row.label,
        "about": ", ".join(part for part in about if part),
        "doubts": [WORDS.get(flag, flag) for flag in row.flags],
    }


def _source(row: Measurement) -> dict[str, Any]:
    """The rule that this very measurement would make, with all that could narrow it."""
    narrowing = {name: getattr(row, column) for name, column in NARROWED.items()}
    words = {"finding": row.finding, "site": row.finding_site, "laterality": row.laterality, "method": row.method,
             "derivation": row.derivation}  # fmt: skip
    return {
        "scheme": row.scheme, "code": row.code, "name": row.name, "unit": row.unit, "words": words,
        "narrowing": {**narrowing, "tools": row.tool, "labels": row.label},
    }  # fmt: skip


@require_POST
def try_mapping(request: HttpRequest, pk: int) -> JsonResponse:
    """What each number of the template would hold, if this object were the case's. Nothing is saved."""
    user_of(request)
    get_object_or_404(ReportTemplate, pk=pk)
    chosen = request.POST.get("of", "")
    data, reading = data_of(request.POST.get("body", "")), _reading(chosen)
    if (faults := faults_of(data)) or reading is None:
        return JsonResponse({"faults": faults, "fields": {}})
    rows = _rows(reading)
    numbers = [spec for spec in data.fields if type_of(spec) == "number"]
    alone = chosen.startswith("sample-")
    return JsonResponse({"faults": {}, "fields": {spec["key"]: _tried(spec, rows, alone=alone) for spec in numbers}})


def _tried(spec: dict[str, Any], rows: list[Measurement], *, alone: bool) -> dict[str, Any]:
    """`alone`: the object was uploaded without its images, so that nothing can be checked against them."""
    ranked = rank(spec, rows)
    if not ranked:
        return {"fills": False, "words": "nothing of this object" if spec.get("sources") else "no rule yet"}
    best = ranked[0]
    number = f"{written(best.value, spec.get('decimals'))} {printed(best.unit)}".strip()
    if best.fills:
        return {"fills": True, "words": f"{number}{f' ({best.why})' if best.why else ''}"}
    if alone and set(best.row.flags) == {"not-recomputed"} and OF_EACH not in best.why:
        return {"fills": True, "words": f"{number}, if its images confirm it"}
    return {"fills": False, "words": f"not filled: {number}, {best.why}".rstrip(", ")}


@require_POST
def add_sample(request: HttpRequest) -> HttpResponse:
    """Read an uploaded SR in the sandbox and keep its numbers, without the person."""
    user = user_of(request)
    number = request.POST.get("template", "")
    row = get_object_or_404(ReportTemplate, pk=int(number) if number.isdecimal() and len(number) < 19 else 0)
    back = reverse("admin:reporting_reporttemplate_mapping", args=[row.pk])
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LARGEST:
        messages.error(request, "Choose a file of at most 5 MB." if file else "Choose a file.")
        return redirect(back)
    try:
        reading = sandbox.call("reporting.sr.sandboxed.read_json", file.read(), None)
    except SandboxRefused as refused:
        messages.error(request, f"The object could not be read: {refused.reason}")
        return redirect(back)
    sample = keep_sample(_name(reading, request.POST.get("name", "")), reading, by=user)
    return redirect(f"{back}?of=sample-{sample.pk}")


def _name(reading: dict[str, Any], given: str) -> str:
    """Never the file's own name, in which a patient's may stand."""
    parts = (reading.get("manufacturer"), reading.get("reader"), reading.get("template"))
    return given.strip() or ", ".join(str(part) for part in parts if part) or "Structured report"
