"""One's own signing key, in a file or on a token: take it in, see until when it holds, revoke it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from reporting.actions import keys as actions
from reporting.keys import watch
from reporting.keys.forms import KeyForm, RevokeForm, TokenForm
from reporting.keys.record import RefusedPin, SigningKey
from reporting.keys.sealing import OnToken, can_seal
from reporting.lifecycle import KEY
from reporting.proving import proof_of
from ris.accounts.models import User
from ris.core.errors import NotPermitted
from ris.core.forms import attempt
from ris.core.http import SignedInRequest, get_or_404, require_somewhere

FOR_SIGNERS = "Signing keys are for those who sign reports, and for the administrators of this installation."


def _require_place(user: User) -> None:
    if not (user.may("report.write", None) or user.may("installation.manage", None)):
        raise NotPermitted(FOR_SIGNERS)


def _surroundings(user: User) -> dict[str, object]:
    """What may be done here, and what is wrong with the seal of the house and with tokens."""
    return {
        "may_add": user.may("report.write", None),
        "can_seal": can_seal(),
        "has_driver": bool(settings.SIGNING_PKCS11_MODULE),
        "seal_problems": watch.found_for(user),
        "refused_pins": RefusedPin.objects.visible_to(user),
    }


@login_required
@require_http_methods(["GET", "POST"])
def signing_keys(request: SignedInRequest) -> HttpResponse:
    """The keys that one may see; a new one of one's own is taken in here."""
    _require_place(request.user)
    form = KeyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        p12, passphrase = form.cleaned_data["file"].read(actions.LARGEST + 1), form.cleaned_data["passphrase"]
        made = attempt(form, lambda: actions.add_key(p12, passphrase, proof=proof_of(request), by=request.user))
        if made is not None:
            messages.success(request, f"From now on your reports are signed with your own key ({made.subject}).")
            return redirect("reporting:signing-keys")
    rows = SigningKey.objects.visible_to(request.user).select_related("owner")
    context = {"rows": rows, "form": form, **_surroundings(request.user)}
    return render(request, "reporting/keys.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def own_token(request: SignedInRequest) -> HttpResponse:
    """Say where on a token one's key is, with its PIN; it is tried at once."""
    require_somewhere(request.user, "report.write", "Signing keys are for those who sign reports.")
    form = TokenForm(request.POST or None)
    if form.is_bound and form.is_valid():
        place = OnToken(*(form.cleaned_data[name] for name in ("token", "label", "key_id", "pin")))
        made = attempt(form, lambda: actions.add_token_key(place, proof=proof_of(request), by=request.user))
        if made is not None:
            messages.success(request, f"From now on your reports are signed with your own key ({made.subject}).")
            return redirect("reporting:signing-keys")
    context = {"form": form, "can_seal": can_seal(), "has_driver": bool(settings.SIGNING_PKCS11_MODULE)}
    return render(request, "reporting/key_token.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: SignedInRequest, key_id: int) -> HttpResponse:
    """Ask why; then the key signs nothing more."""
    _require_place(request.user)
    key = get_or_404(SigningKey.objects.visible_to(request.user).select_related("owner"), key_id)
    form = RevokeForm(request.POST or None)
    if form.is_bound and form.is_valid():
        done = attempt(form, lambda: actions.revoke_key(key, reason=form.cleaned_data["reason"], by=request.user))
        if done is not None:
            messages.success(request, "The key is revoked. What it signed before stays valid.")
            return redirect("reporting:signing-keys")
    context = {"key": key, "form": form, "open": KEY.allows(key, "revoke")}
    return render(request, "reporting/key_revoke.html", context, status=422 if form.errors else 200)
