"""The page on which single series of a study go to another patient's exam: which ones, seen, and to whom."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from ris import audit
from ris.core.errors import InvalidInput
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.archive.objects import get_objects
from ris.orders.models import RequestedProcedure
from worklist.actions.series import give_series, movable_series
from worklist.models import Study
from worklist.reading.facets import NO_IMAGES
from worklist.reconcile.decisions import StudyDecision
from worklist.reconcile.forms import DecisionForm
from worklist.reconcile.nearby import Near, exams_near
from worklist.reconcile.pictures import picture_of
from worklist.reconcile.views import FOR_RECONCILERS, decided
from worklist.reconcile.whole import require_whole

CLOCK: Final = len("20260102 1011")


class SeriesForm(DecisionForm):
    """`near` are the exams that are offered, each of another patient than the study's."""

    name, done = "series", "The series are on their way. The study is open again when they are out of it."
    series = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, label="Which series?", error_messages={"required": "Choose at least one."}
    )
    target = forms.ChoiceField(
        widget=forms.RadioSelect, label="Whose are they?", error_messages={"required": "Choose the exam."}
    )

    def __init__(self, *args: Any, near: list[Near], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = movable_series(self.study)
        self.fields["series"].choices = [(row.series_instance_uid, str(row.number)) for row in rows]  # type: ignore[attr-defined]
        self.fields["target"].choices = [(str(one.requested.pk), _line(one.requested)) for one in near]  # type: ignore[attr-defined]

    def clean_series(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["series"]
        try:
            require_whole(self.study, chosen)
        except InvalidInput as refusal:
            raise ValidationError(refusal.fields["series"]) from refusal
        return chosen

    def decide(self) -> StudyDecision:
        data = self.cleaned_data
        related = "procedure", "order__site", "order__patient__merged_into"
        requested = RequestedProcedure.objects.visible_to(self.user).select_related(*related).get(pk=data["target"])
        return give_series(self.study, requested, series=data["series"], reason=data["reason"], by=self.user)


@login_required
@require_http_methods(["GET", "POST"])
def series(request: SignedInRequest, study_id: int) -> HttpResponse:
    """Choose series, by what they show and when they were made, and the exam of the patient whose they are."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    found = get_or_404(Study.objects.decidable_by(request.user).select_related("site"), study_id)
    text = (request.POST.get("q") or request.GET.get("q", "")).strip()[:64]
    near = _of_others(found, exams_near(found, request.user, text=text))
    form = SeriesForm(request.POST or None, study=found, user=request.user, near=near)
    if request.method == "POST" and decided(form):
        messages.success(request, form.done)
        return redirect("worklist:study", study_id=found.pk)
    found.refresh_from_db()
    audit.record("study.compared", found, by=request.user, study_uid=found.study_instance_uid)
    context = {"study": found, "form": form, "rows": _rows(found, form), "q": text}
    return render(request, "worklist/reconcile/series.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def picture(request: SignedInRequest, study_id: int, series_id: int) -> HttpResponse:
    """The middle image of a series, small, through us: the archive is never asked by a browser."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    jpeg = picture_of(get_or_404(Study.objects.visible_to(request.user), study_id), series_id)
    return HttpResponse(jpeg, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


def _of_others(study: Study, near: list[Near]) -> list[Near]:
    links = study.links.filter(active=True).select_related("requested_procedure__order__patient__merged_into")
    own = {one.requested_procedure.order.patient.current.pk for one in links}
    return [one for one in near if one.requested.order.patient.current.pk not in own]


def _rows(study: Study, form: SeriesForm) -> list[dict[str, Any]]:
    """Each series with when it was begun, as far as the archive says."""
    chosen = set(form["series"].value() or [])
    times = _times(study)
    return [
        {
            "row": row,
            "at": times.get(row.series_instance_uid, ""),
            "chosen": row.series_instance_uid in chosen,
            "has_picture": row.modality not in NO_IMAGES,
        }
        for row in movable_series(study)
    ]


def _times(study: Study) -> dict[str, str]:
    try:
        objects = get_objects()
        found = [objects.times(one.archive_id) for one in objects.studies(study.study_instance_uid)]
    except ArchiveError:
        return {}
    return {uid: _clock(at) for times in found for uid, at in times.items()}


def _clock(at: str) -> str:
    """ "20260102 101112.5" as "2026-01-02 10:11"; "" for what says no time."""
    day, _, clock = at.partition(" ")
    if len(day) != len("20260102") or len(clock) < len("1011"):
        return ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}"


def _line(requested: RequestedProcedure) -> str:
    person = requested.order.patient.current
    born = f"{person.birth_date:%Y-%m-%d}" if person.birth_date else "birth date unknown"
    return f"{person.display_name}, {born}: {requested.description}, {requested.accession_number}"
