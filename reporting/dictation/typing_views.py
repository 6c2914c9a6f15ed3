"""The typists' queue, and the page on which one recording is heard and typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reporting.actions.drafts import LONGEST_SECTION
from reporting.dictation import actions
from reporting.dictation.page_rights import may_play
from reporting.dictation.record import Clip
from reporting.spelling import spell
from ris import audit
from ris.core.errors import NotPermitted, TransitionError
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere, unless_seen
from ris.core.middleware import refused

FOR_TYPISTS = "The queue is for those who type dictations."
SHOWN = 200
NOT_WAITING = "This dictation does not wait any more: somebody else typed it, or its report was signed."


class TypedForm(forms.Form):
    text = forms.CharField(
        label="What was dictated",
        max_length=LONGEST_SECTION,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "true", "autofocus": True}),
        help_text="It goes under what the section says. Where you are not sure, [lobe?] keeps it from being signed.",
    )


def _queue(request: SignedInRequest) -> QuerySet[Clip]:
    """Kept recordings of drafts at the sites where the user types."""
    require_somewhere(request.user, "report.transcribe", FOR_TYPISTS)
    waiting = Clip.objects.to_be_typed_by(request.user)
    return waiting.select_related("report__task__patient__merged_into", "report__template", "site", "author", "typist")


@login_required
@require_GET
def queue(request: SignedInRequest) -> HttpResponse:
    """What waits to be typed, the urgent and the oldest first; 204 when nothing changed."""
    rows = list(_queue(request).order_by("report__task__rank", "recorded_at", "pk")[:SHOWN])
    version = ",".join(f"{row.pk}:{row.state}:{row.typist_id}" for row in rows) or "none"
    template = "reporting/_dictation_rows.html" if "seen" in request.GET else "reporting/dictation_queue.html"
    return unless_seen(request, version, lambda: render(request, template, {"rows": rows, "version": version}))


@login_required
@require_http_methods(["GET", "POST"])
def dictation(request: SignedInRequest, clip_id: int) -> HttpResponse:
    """One recording with what its section says; POST sends what was typed back to the author."""
    form = TypedForm(request.POST if request.method == "POST" else None)
    waiting = _queue(request)
    if form.is_bound and not waiting.filter(pk=clip_id).exists():
        get_or_404(Clip.objects.at_sites_of(request.user), clip_id)
        return _too_late(request, form, NOT_WAITING)
    clip = get_or_404(waiting, clip_id)
    if form.is_bound and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            sent = attempt(form, lambda: actions.type_clip(clip, text=text, by=request.user))
        except (NotPermitted, TransitionError) as error:
            if isinstance(error, NotPermitted):
                refused(request, error)
            return _too_late(request, form, error.message)
        if sent is not None:
            messages.success(request, "It went back to its author, who checks it.")
            return redirect("reporting:dictation-queue")
    if not form.is_bound:
        audit.record("dictation.viewed", clip.report, by=request.user, patient=clip.report.task.patient_id)
    spell(request, form)
    return may_play(render(request, "reporting/dictation.html", _page(request, clip, form), status=_status(form)))


def _too_late(request: SignedInRequest, form: TypedForm, words: str) -> HttpResponse:
    """What was typed comes back, and nothing of the patient with it."""
    return render(request, "reporting/dictation_late.html", {"form": form, "words": words}, status=409)


def _status(form: forms.Form) -> int:
    return 422 if form.errors else 200


def _page(request: SignedInRequest, clip: Clip, form: forms.Form) -> dict[str, Any]:
    return {
        "clip": clip,
        "form": form,
        "mine": clip.typist_id == request.user.pk,
        "task": clip.report.task,
        "patient": clip.report.task.patient.current,
        "procedures": clip.report.task.requested_procedures.select_related("procedure"),
        "said": clip.report.content["sections"].get(clip.section, ""),
    }


@login_required
@require_POST
def claimed(request: SignedInRequest, clip_id: int) -> HttpResponse:
    """Take it."""
    clip = actions.claim_clip(get_or_404(_queue(request), clip_id), by=request.user)
    return redirect("reporting:dictation", clip.pk)


@login_required
@require_POST
def given_back(request: SignedInRequest, clip_id: int) -> HttpResponse:
    """Back to the queue, untyped."""
    actions.put_back(get_or_404(_queue(request), clip_id), by=request.user)
    messages.info(request, "It waits in the queue again.")
    return redirect("reporting:dictation-queue")
