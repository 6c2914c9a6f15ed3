"""The recordings of a draft beside its text: dictating, listening, checking what was typed, deleting."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reporting.dictation import actions, audio
from reporting.dictation.actions import Recording
from reporting.dictation.beside import beside
from reporting.dictation.record import Clip
from reporting.dictation.sound import sound_of
from reporting.models import Report
from ris.core.errors import InvalidInput
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen

FOR_WRITERS = "Dictations are for those who write reports."
FOR_HEARERS = "Dictations are for those who write and type reports."


@login_required
@require_http_methods(["GET", "POST"])
def dictations(request: SignedInRequest, report_id: int) -> HttpResponse:
    """The recordings of a draft, 204 when nothing changed; POST keeps another."""
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    writable = Report.objects.visible_to(request.user).filter(site__in=request.user.sites_where("report.write"))
    report = get_or_404(writable.select_related("task", "site", "template"), report_id)
    if request.method == "POST":
        actions.record_clip(report, _recording(request), by=request.user)
    context = beside(report, request.user)
    return unless_seen(request, context["clips_version"], lambda: render(request, FRAGMENT, context))


FRAGMENT = "reporting/_dictations.html"


def _recording(request: SignedInRequest) -> Recording:
    found, seconds = request.FILES.get("audio"), request.POST.get("seconds", "")
    if not isinstance(found, UploadedFile) or found.size is None or found.size > audio.LARGEST:
        raise InvalidInput(f"The recording was not kept. It has to be a file of at most {audio.LARGEST // 1024**2} MB.")
    number = int(seconds) if seconds.isdecimal() and len(seconds) < 6 else 0
    return Recording(request.POST.get("section", ""), number, found.read())


def _clip(request: SignedInRequest, pk: int) -> Clip:
    require_somewhere(request.user, "report.write", FOR_WRITERS)
    mine = Clip.objects.visible_to(request.user).filter(site__in=request.user.sites_where("report.write"))
    return get_or_404(mine.select_related("report__task", "report__template", "report__site"), pk)


@login_required
@require_POST
def checked(request: SignedInRequest, clip_id: int) -> HttpResponse:
    """The author has read what was typed."""
    clip = _clip(request, clip_id)
    actions.confirm_clip(clip, by=request.user)
    return render(request, FRAGMENT, beside(clip.report, request.user))


@login_required
@require_POST
def taken_back(request: SignedInRequest, clip_id: int) -> HttpResponse:
    """Whoever dictated it, or holds the case, takes it from the typist: it waits for another, or is done by oneself."""
    clip = _clip(request, clip_id)
    actions.put_back(clip, by=request.user)
    return render(request, FRAGMENT, beside(clip.report, request.user))


@login_required
@require_POST
def deleted(request: SignedInRequest, clip_id: int) -> HttpResponse:
    """The sound goes."""
    clip = _clip(request, clip_id)
    actions.delete_clip(clip, by=request.user)
    return render(request, FRAGMENT, beside(clip.report, request.user))


@login_required
@require_GET
def sound(request: SignedInRequest, clip_id: int) -> HttpResponse:
    """The recording, for who wrote it and for who types it."""
    require_somewhere(request.user, "dictation.hear", FOR_HEARERS)
    found = Clip.objects.visible_to(request.user).kept().select_related("report__task")
    return sound_of(get_or_404(found, clip_id), request.headers.get("Range", ""), by=request.user)
