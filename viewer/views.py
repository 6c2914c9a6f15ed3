"""The pages around the images: the reading room, and the viewer on its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from reporting import open_patient
from reporting.dictation.page_rights import may_record
from ris.core.http import SignedInRequest, get_or_404
from viewer import actions, grants, hints, launch, passes
from viewer.glass.models import EmergencyAccess
from viewer.named import HiddenStudy, require_visible
from viewer.ohif.library import library
from worklist.lifecycle import READING
from worklist.models import ReadingTask
from worklist.permissions import may_read
from worklist.reading.filters import Filter
from worklist.reading.views import LAST


@login_required
@require_GET
def reading_room(request: SignedInRequest, task_id: int) -> HttpResponse:
    """One case: the images beside its report."""
    tasks = ReadingTask.objects.visible_to(request.user).select_related("patient", "site")
    task = get_or_404(tasks, task_id)
    asked = request.GET
    with _watched(request):
        extra = launch.passed_on(asked)
        shown = launch.of_case(task, request.user, compare=asked.get(launch.COMPARE, ""), extra=extra)
    shown = launch.in_mode(shown, asked)
    may_store = _opened(request, shown)
    open_patient.note(request.session, task.patient)
    context = {
        "task": task,
        "patient": task.patient.current,
        "procedures": task.requested_procedures.select_related("procedure"),
        "launch": shown,
        "may_store": may_store,
        "comparing": shown.is_comparing,
        "may_take": READING.allows(task, "claim") and may_read(request.user, task),
        "next_turn": hints.of_next(task, request.user, Filter.of_query(request.session.get(LAST, ""))),
    }
    return _hastened(may_record(render(request, "viewer/reading_room.html", context), request.user))


@login_required
@require_GET
def screen(request: SignedInRequest, number: int) -> HttpResponse:
    """A window for images beside the report window: the case that it names, or nothing yet.

    The opening was audited in the report window; an earlier exam is when its first image leaves.
    """
    context: dict[str, object] = {"number": number}
    if request.GET.get("task", "").isdecimal():
        tasks = ReadingTask.objects.visible_to(request.user).select_related("patient", "site")
        task = get_or_404(tasks, int(request.GET["task"]))
        compare, windows = request.GET.get("compare", ""), request.GET.get("windows", "1")
        with _watched(request):
            shown = launch.of_screen(task, request.user, number=number, compare=compare, alone=windows == "1")
        may_store = any(grant.may_store for grant in _granted(request, shown))
        context |= {"task": task, "patient": task.patient.current, "launch": shown, "may_store": may_store}
    return render(request, "viewer/screen.html", context)


@login_required
@require_GET
def open_viewer(request: SignedInRequest) -> HttpResponse:
    """/viewer/?StudyInstanceUIDs=… or ?accession=…: the images of one patient, without a report."""
    if not request.path.endswith("/viewer/"):
        return redirect(f"{reverse('viewer:open')}?{launch.canonical_query(request.GET)}")
    with _watched(request):
        shown = launch.in_mode(launch.resolve(request.GET, request.user), request.GET)
    may_store = _opened(request, shown)
    if shown.patient is not None:
        open_patient.note(request.session, shown.patient)
    emergencies = EmergencyAccess.objects.running().filter(user=request.user, study__in=shown.studies)
    drafts = launch.case_of(shown.studies[0]) if may_store else None
    context = {
        "launch": shown,
        "patient": shown.patient,
        "emergencies": emergencies.select_related("site"),
        "drafts": drafts,
    }
    return _hastened(render(request, "viewer/open.html", context | {"may_store": may_store}))


@login_required
@require_GET
def still_open(request: SignedInRequest) -> HttpResponse:
    """204 while every study of the page may still be seen; else 404, and the page lets go of its images."""
    with _watched(request):
        require_visible(request.GET.get("StudyInstanceUIDs", ""), request.user)
    return HttpResponse(status=204)


@contextlib.contextmanager
def _watched(request: SignedInRequest) -> Iterator[None]:
    """Naming a study that is hidden from them is an alert; the answer is that of a study that is not there."""
    try:
        yield
    except HiddenStudy as hidden:
        session = request.session.session_key or ""
        actions.alarm("a study that is not granted", session=session, by=request.user, study_uid=hidden.study_uid)
        raise


def _hastened(page: HttpResponse) -> HttpResponse:
    """A page that is loaded anew has its frame's largest script fetched while it is still read itself."""
    shelf = library(Path(settings.OHIF_DIR))
    if shelf is not None:
        page.headers["Link"] = shelf.early
    return page


def _granted(request: SignedInRequest, shown: launch.Launch) -> list[grants.Grant]:
    uids = [study.study_instance_uid for study in shown.studies]
    return list(grants.find(request.user, request.session.session_key or "", uids).values())


def _opened(request: SignedInRequest, shown: launch.Launch) -> bool:
    """Audit the opening and hand out the passes; whether measurements may enter any of the studies."""
    session = request.session.session_key or ""
    actions.open_studies(shown.studies, patient=shown.patient, session=session, by=request.user)
    found = _granted(request, shown)
    for grant in found:
        passes.issue(passes.key_of_session(session), request.user.pk, grant)
    return any(grant.may_store for grant in found)
