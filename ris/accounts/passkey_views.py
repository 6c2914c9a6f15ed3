"""Where a page asks for the challenge that a passkey answers."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_POST

from ris.accounts import passkeys
from ris.core.errors import InvalidInput
from ris.core.http import SignedInRequest


@login_required
@require_POST
def challenge(request: SignedInRequest) -> JsonResponse:
    """What a passkey is asked, for the form that was sent here first and goes to `for` next."""
    if not ratelimit.consume(request, action="passkey", user=request.user):
        raise InvalidInput("Too many attempts. Wait a minute.")
    return JsonResponse(passkeys.ask(request, request.GET.get("for", "")))
