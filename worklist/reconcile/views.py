"""The reconciliation queue: whose images are these? One page to see them all, one to decide about each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris import audit
from ris.core.errors import DomainError, NotFound
from ris.core.http import SignedInRequest, get_or_404, require_somewhere
from ris.patients.finding.search import search
from worklist.models import Study, StudyLink
from worklist.reconcile import rows
from worklist.reconcile.decisions import StudyDecision
from worklist.reconcile.forms import DecisionForm, LinkForm, OrderForm, SplitForm, UndoForm, UnlinkForm
from worklist.reconcile.nearby import Near, exams_near, people_near

FOR_RECONCILERS = "Reconciling studies is for technologists and radiologists."


@login_required
@require_GET
def queue(request: SignedInRequest) -> HttpResponse:
    """Studies that fit no order, contradict theirs, are being corrected, or are reported as the wrong patient's."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:64]
    found = rows.queue_rows(request.user, kind=kind if kind in rows.KINDS else "", text=text)
    return render(request, "worklist/reconcile/queue.html", found)


@login_required
@require_GET
def study(request: SignedInRequest, study_id: int) -> HttpResponse:
    """One study with the exams that it may belong to, compared field by field, and all that was decided about it."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    found = get_or_404(Study.objects.decidable_by(request.user).select_related("site"), study_id)
    audit.record("study.compared", found, by=request.user, study_uid=found.study_instance_uid)
    return render(request, "worklist/reconcile/study.html", _page(request, found))


@login_required
@require_POST
def decide(request: SignedInRequest, study_id: int, verb: str) -> HttpResponse:
    """Link, unlink, split, or make an order for it."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    found = get_or_404(Study.objects.decidable_by(request.user).select_related("site"), study_id)
    return _done(request, found, _form(request, found, verb))


@login_required
@require_http_methods(["GET", "POST"])
def undo(request: SignedInRequest, decision_id: int) -> HttpResponse:
    """Take a decision back."""
    require_somewhere(request.user, "study.reconcile", FOR_RECONCILERS)
    known = StudyDecision.objects.visible_to(request.user).select_related("study__site", "requested_procedure")
    decision = get_or_404(known, decision_id)
    form = UndoForm(request.POST or None, decision=decision, user=request.user)
    if request.method == "POST" and decided(form):
        messages.success(request, form.done)
        return redirect("worklist:study", study_id=decision.study_id)
    context = {"form": form, "decision": decision, "study": decision.study}
    return render(request, "worklist/reconcile/undo.html", context, status=422 if form.errors else 200)


def _form(request: SignedInRequest, found: Study, verb: str) -> DecisionForm:
    exam = request.POST.get("exam", "")
    meant = int(exam) if exam.isdecimal() and len(exam) < 19 else None
    if verb in ("link", "unlink"):
        kind = LinkForm if verb == "link" else UnlinkForm
        return kind(request.POST, study=found, user=request.user, exam=meant or 0)
    if verb == "split":
        return SplitForm(request.POST, study=found, user=request.user)
    if verb == "order":
        return OrderForm(request.POST, study=found, user=request.user, people=_people(request, found))
    raise NotFound("There is no such button.")


def _done(request: SignedInRequest, found: Study, form: DecisionForm) -> HttpResponse:
    if decided(form):
        messages.success(request, form.done)
        return redirect("worklist:study", study_id=found.pk)
    found.refresh_from_db()
    return render(request, "worklist/reconcile/study.html", _page(request, found, bound=form), status=422)


def decided(form: DecisionForm) -> bool:
    """Whatever stands in the way is said beside the form."""
    if not form.is_valid():
        return False
    try:
        form.decide()
    except DomainError as refusal:
        if refusal.status == 403:
            raise
        named = {name: fault for name, fault in getattr(refusal, "fields", {}).items() if name in form.fields}
        for name, fault in named.items():
            form.add_error(name, fault)
        if not named:
            form.add_error(None, refusal.message)
        return False
    return True


def _people(request: SignedInRequest, found: Study) -> list[Any]:
    text = (request.POST.get("q") or request.GET.get("q", "")).strip()[:64]
    if not text:
        return people_near(found, request.user)
    return search(text, request.user, limit=8).patients


def _offered(near: list[Near], links: Iterable[StudyLink], of: Callable[..., DecisionForm]) -> list[dict[str, Any]]:
    """The exams with their forms; `moves` where the study is another patient's and would leave them."""
    persons = {one.requested_procedure.order.patient.current.pk for one in links}
    moves = {one.requested.pk: bool(persons - {one.requested.order.patient.current.pk}) for one in near}
    return [
        {"near": one, "form": of(LinkForm, pk, initial={"moves": moves[pk]}), "moves": moves[pk]}
        for one in near
        for pk in (one.requested.pk,)
    ]


def _page(request: SignedInRequest, found: Study, *, bound: DecisionForm | None = None) -> dict[str, Any]:
    user, text = request.user, (request.POST.get("q") or request.GET.get("q", "")).strip()[:64]

    def of(kind: type[DecisionForm], exam: int | None = None, **more: Any) -> DecisionForm:
        if isinstance(bound, kind) and bound.exam == exam:
            return bound
        return kind(study=found, user=user, exam=exam, **more)

    links = found.links.filter(active=True).select_related("requested_procedure__order__patient__merged_into")
    near = exams_near(found, user, text=text)
    shown = {one.requested.pk for one in near}
    strays = bound if isinstance(bound, LinkForm) and bound.exam not in shown else None
    return {
        "study": found,
        "q": text,
        "links": [{"link": one, "form": of(UnlinkForm, one.requested_procedure_id)} for one in links],
        "near": _offered(near, links, of),
        "stray": strays,
        "split": of(SplitForm) if links and found.received_series.count() > 1 else None,
        "spoken_of": [one for move in found.rehomings.of_series() for one in move.found.get("review", [])],
        "order": of(OrderForm, people=_people(request, found)) if user.may("order.place", None) else None,
        "decisions": list(found.decisions.select_related("requested_procedure")),
        "latest": found.decisions.standing().values_list("pk", flat=True).first(),
        "trail": rows.trail_of(found),
    }
