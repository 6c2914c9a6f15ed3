"""PINs that tokens refused, for the administrators."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from reporting.actions import keys as actions
from reporting.keys.record import RefusedPin
from ris.core.http import SignedInRequest, get_or_404, require_somewhere


@login_required
@require_POST
def release_pin(request: SignedInRequest, pin_id: int) -> HttpResponse:
    """The PIN is right by now: it may be tried again."""
    require_somewhere(request.user, "installation.manage", "A refused PIN is released by an administrator.")
    refused = get_or_404(RefusedPin.objects.visible_to(request.user), pin_id)
    actions.release_pin(refused, by=request.user)
    messages.success(request, f"The PIN of the token {refused.token} is tried again at the next signature.")
    return redirect("reporting:signing-keys")
