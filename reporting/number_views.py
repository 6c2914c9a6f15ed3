"""What a reader does with numbers and key images beside the report; each answers with the numbers anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reporting.actions.choosing import choose_earlier, choose_measurement, see_mark
from reporting.actions.drawn import keep_drawn
from reporting.actions.key_images import Shown, choose_key_image, leave_out_key_image
from reporting.models import DraftMeasurements, KeyImage, Report
from reporting.numbers import numbers_of
from reporting.numbers_shown import record_shown
from reporting.pane import may_change
from ris.core.errors import InvalidInput, NotFound
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from worklist.models import ReadingTask

FOR_WRITERS = "Writing reports is for residents and radiologists."
LARGEST_PRESENTATION = 50_000  # with what is drawn on the image
MOST_FRAMES = 100_000


def _report(request: SignedInRequest, pk: int) -> Report:
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    rows = Report.objects.visible_to(request.user).select_related("task__patient", "site", "template")
    return get_or_404(rows, pk)


def _numbers(request: SignedInRequest, pk: int) -> HttpResponse:
    report = _report(request, pk)
    return answer_numbers(request, report, numbers_of(report, writable=may_change(report, request.user)))


def answer_numbers(request: SignedInRequest, report: Report, found: Mapping[str, Any]) -> HttpResponse:
    """The numbers as `numbers_of` gave them; that they were shown is recorded."""
    record_shown(report, found, by=request.user)
    return render(request, "reporting/_numbers.html", {"report": report, **found})


@login_required
@require_POST
def choose(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Put one of the candidates into a field."""
    key, identity = request.POST.get("field", ""), request.POST.get("measurement", "")
    choose_measurement(_report(request, report_id), key, identity, by=request.user)
    return _numbers(request, report_id)


@login_required
@require_POST
def compare(request: SignedInRequest, report_id: int) -> HttpResponse:
    """Say which earlier number is of the same lesion."""
    key, identity = request.POST.get("field", ""), request.POST.get("earlier", "")
    choose_earlier(_report(request, report_id), key, identity, by=request.user)
    return _numbers(request, report_id)


@login_required
@require_POST
def seen(request: SignedInRequest, report_id: int) -> HttpResponse:
    """The writer saw that a number changed."""
    see_mark(_report(request, report_id), request.POST.get("field", ""), by=request.user)
    return _numbers(request, report_id)


@login_required
@require_POST
def add_key_image(request: SignedInRequest, report_id: int) -> HttpResponse:
    """The image that the viewer shows becomes a key image."""
    choose_key_image(_report(request, report_id), _shown(request), by=request.user)
    return _numbers(request, report_id)


def _shown(request: SignedInRequest) -> Shown:
    posted = request.POST
    frame = posted.get("frame", "") or "0"
    if not frame.isdecimal() or int(frame) > MOST_FRAMES:
        raise InvalidInput("That is no image.", fields={"frame": "A whole number."})
    study, image, series = (posted.get(name, "")[:64] for name in ("study", "image", "series"))
    if not study or not image:
        raise InvalidInput("No image is shown at the moment.", fields={"image": "Click into an image first."})
    return Shown(study, image, series, int(frame), posted.get("label", "").strip(), _object(posted.get("presentation")))


def _object(text: str | None) -> dict[str, Any]:
    """The viewer's own way to say how an image is looked at; anything else is nothing."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) and len(text or "") < LARGEST_PRESENTATION else {}


@login_required
@require_POST
def leave_out(request: SignedInRequest, key_image_id: int) -> HttpResponse:
    """Not a key image any more."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    key_image = get_or_404(KeyImage.objects.visible_to(request.user).select_related("task"), key_image_id)
    leave_out_key_image(key_image, by=request.user)
    report = key_image.task.reports.standing().first()
    return _numbers(request, report.pk) if report else HttpResponse(status=204)


@login_required
@require_GET
def picture(request: SignedInRequest, key_image_id: int) -> HttpResponse:
    """The picture of a key image, for those who write the report."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    key_image = get_or_404(KeyImage.objects.visible_to(request.user).select_related("task"), key_image_id)
    of_the_case = key_image.task.studies().filter(study_instance_uid=key_image.study_instance_uid)
    if not key_image.picture or not of_the_case.exists():
        raise NotFound("There is no picture of this image yet.")
    headers = {"Cache-Control": "private, no-store"}
    return HttpResponse(bytes(key_image.picture), content_type="image/jpeg", headers=headers)


@login_required
@require_http_methods(["GET", "POST"])
def drawn(request: SignedInRequest, task_id: int) -> JsonResponse:
    """What this reader drew and did not store: asked when the viewer begins, kept while they draw."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    task = get_or_404(ReadingTask.objects.visible_to(request.user), task_id)
    if request.method == "POST":
        window = request.POST.get("window", "")[:64]
        keep_drawn(task, _listed(request, "annotations"), by=request.user, window=window, instead=_instead(request))
    mine = DraftMeasurements.objects.filter(task=task, owner_id=str(request.user.pk)).first()
    answer = {"annotations": mine.annotations if mine else [], "saved_at": mine.saved_at if mine else None}
    return JsonResponse(answer, headers={"Cache-Control": "private, no-store"})


def _listed(request: SignedInRequest, name: str, default: str = "") -> list[Any]:
    try:
        found = json.loads(request.POST.get(name, default))
    except ValueError:
        raise InvalidInput("These are no measurements.") from None
    if not isinstance(found, list):
        raise InvalidInput("These are no measurements.")
    return found


def _instead(request: SignedInRequest) -> list[str]:
    return [uid for uid in _listed(request, "instead", "[]") if isinstance(uid, str)]
