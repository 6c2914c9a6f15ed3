"""Before a downtime: forms and the list of the day. After it: entering what was written on paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ris.accounts.models import Site
from ris.accounts.once import once
from ris.core.errors import InvalidInput
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, pdf_answer, require_somewhere
from ris.downtime import actions, permissions
from ris.downtime.forms import EntryForm, PassphraseForm, PrintForm, SpoilForm, today_at
from ris.downtime.lifecycle import FORM
from ris.downtime.models import DowntimeForm, Snapshot
from ris.downtime.state import states_of
from ris.orders.models import Order
from ris.patients.finding.resemblance import Resemblance, resembling
from ris.patients.finding.search import search

PAGE = 50
FOUND = 10
VIEW = "Preparing for a downtime is for clerks, technologists and administrators of a site."
PRINT = "Downtime forms are printed by clerks, technologists and administrators of a site."
ENTER = "Downtime forms are entered by clerks and technologists."
TAKE = "The list for a downtime is for clerks, technologists and administrators of a site."
MANAGE = "The passphrase is set by the administrators of a site."


@login_required
@require_GET
def overview(request: SignedInRequest) -> HttpResponse:
    """How old the list is, how many forms are left, and the way to enter one."""
    require_somewhere(request.user, "downtime.view", VIEW)
    context = {"states": states_of(request.user), "may_enter": request.user.may("downtime.enter", None)}
    return render(request, "downtime/overview.html", context)


@login_required
@require_GET
def form_list(request: SignedInRequest) -> HttpResponse:
    """Every form: not used yet, used for which order, spoiled why."""
    require_somewhere(request.user, "downtime.view", VIEW)
    rows = DowntimeForm.objects.visible_to(request.user).select_related("site", "exam")
    state = request.GET.get("state", "")
    if state in FORM.states:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "downtime/forms.html", {"page_obj": page, "state": state, "states": FORM.states})


@login_required
@require_POST
def print_forms(request: SignedInRequest) -> HttpResponse:
    """New forms, as a PDF to print now."""
    require_somewhere(request.user, "downtime.print", PRINT)
    form = PrintForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Say how many forms: 1 to 100.", fields={"count": "1 to 100"})
    sites = Site.objects.filter(pk__in=request.user.sites_where("downtime.view"))
    site = get_or_404(sites, sites.filter(code=form.cleaned_data["site"]).values_list("pk", flat=True).first())
    _made, pdf = actions.make_forms(site, count=form.cleaned_data["count"], by=request.user)
    return pdf_answer(pdf, "downtime-forms.pdf", shown=True)


@login_required
@require_GET
def find(request: SignedInRequest) -> HttpResponse:
    """From the scanned number to the form that carries it."""
    require_somewhere(request.user, "downtime.enter", ENTER)
    number = request.GET.get("accession", "").strip()
    found = DowntimeForm.objects.visible_to(request.user).filter(accession_number__iexact=number).first()
    if found is None:
        messages.error(request, f"No downtime form of yours has the number “{number[:16]}”. Scan or type it again.")
        return redirect("downtime:overview")
    return redirect("downtime:enter", form_id=found.pk)


@login_required
@require_http_methods(["GET", "POST"])
@once
def enter(request: SignedInRequest, form_id: int) -> HttpResponse:
    """What stands on the paper; once."""
    require_somewhere(request.user, "downtime.enter", ENTER)
    paper = _paper(request, form_id)
    permissions.require_enter(request.user, paper.site_id)
    form = EntryForm(request.POST or None, site=paper.site, user=request.user, initial=today_at(paper.site))
    looking, alike = "find" in request.POST, Resemblance()
    if request.method == "POST" and not looking and form.is_valid():
        alike, unlike = _resembling(request, form)
        order = None if set(alike.keys) - unlike else attempt(form, lambda: _entered(request, paper, form, unlike))
        if order is not None:
            messages.success(request, f"Entered under {paper}. Add the paper as a file.")
            return redirect("orders:detail", order_id=order.pk)
    if looking:
        form.errors.clear()  # nobody has said yet that it is complete
    used = not FORM.allows(paper, "enter")
    context = {"form": form, "paper": paper, "used": used, "alike": alike, **_people(request, form, alike)}
    return render(request, "downtime/enter.html", context, status=422 if form.errors or alike.keys else 200)


def _entered(request: SignedInRequest, paper: DowntimeForm, form: EntryForm, unlike: set[int]) -> Order:
    return actions.enter_form(paper, form.entry(unlike), by=request.user)


def _resembling(request: SignedInRequest, form: EntryForm) -> tuple[Resemblance, set[int]]:
    """Who resembles somebody new, and whom the clerk has seen and called another person."""
    newcomer = form.newcomer()
    if newcomer is None:
        return Resemblance(), set()
    seen = {int(key) for key in request.POST.get("unlike", "").split(",") if key.isdecimal() and len(key) < 19}
    alike = resembling(newcomer, request.user, besides=[])
    return alike, seen & set(alike.keys)


def _people(request: SignedInRequest, form: EntryForm, alike: Resemblance) -> dict[str, Any]:
    """Whom the search finds, who resembles somebody new, and who was chosen."""
    text = request.POST.get("q", "").strip()
    found = search(text, request.user, limit=FOUND).patients if text else []
    found += [match.patient for match in alike.probable if match.patient not in found]
    return {"found": found, "looked": bool(text), "chosen": str(form["patient"].value() or "")}


@login_required
@require_http_methods(["GET", "POST"])
def spoil(request: SignedInRequest, form_id: int) -> HttpResponse:
    """A form that will never be used."""
    require_somewhere(request.user, "downtime.print", PRINT)
    paper = _paper(request, form_id)
    permissions.require_print(request.user, paper.site_id)
    form = SpoilForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.spoil_form(paper, reason=reason, by=request.user)) is not None:
            messages.success(request, f"{paper} is spoiled: nobody will use this number.")
            return redirect("downtime:forms")
    return render(request, "downtime/spoil.html", {"form": form, "paper": paper}, status=422 if form.errors else 200)


@login_required
@require_GET
def snapshot(request: SignedInRequest, snapshot_id: int) -> HttpResponse:
    """The list of the day as it lies on disk: encrypted."""
    require_somewhere(request.user, "downtime.snapshot", TAKE)
    found = get_or_404(Snapshot.objects.visible_to(request.user).select_related("site"), snapshot_id)
    return pdf_answer(actions.open_snapshot(found, by=request.user), found.name, shown=False)


@login_required
@require_http_methods(["GET", "POST"])
def passphrase(request: SignedInRequest, code: str) -> HttpResponse:
    """What the lists of a site open with. It is never shown again."""
    require_somewhere(request.user, "site.manage", MANAGE)
    sites = Site.objects.filter(pk__in=request.user.sites_where("site.manage"))
    site = get_or_404(sites, Site.objects.filter(code=code).values_list("pk", flat=True).first())
    form = PassphraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["passphrase"]
        if attempt(form, lambda: actions.set_passphrase(site, passphrase=words, by=request.user)) is not None:
            messages.success(request, "Set. The next list opens with it; keep it where it is found without the RIS.")
            return redirect("downtime:overview")
    return render(request, "downtime/passphrase.html", {"form": form, "site": site}, status=422 if form.errors else 200)


def _paper(request: SignedInRequest, pk: int) -> DowntimeForm:
    visible = DowntimeForm.objects.visible_to(request.user).select_related("site", "exam")
    return get_or_404(visible, pk)
