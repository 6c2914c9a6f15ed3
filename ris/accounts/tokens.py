"""`Authorization: Token …`: a program for a person; hashed, expiring, scoped, read-only unless said otherwise."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from ris.accounts.models import ApiToken, User
from ris.accounts.scopes import EVERYTHING, missing


class TokenAuthentication(BaseAuthentication):
    """Finds the token's owner; a read-only token may not write."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        word, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if word.lower() != "token":
            return None
        token = ApiToken.objects.select_related("user").filter(digest=ApiToken.hash_of(key.strip())).first()
        if token is None or token.expires_at <= timezone.now() or not token.user.is_active:
            raise AuthenticationFailed("This token is unknown or has expired.")
        _require_reach(token, request)
        token.user.scopes = frozenset(token.scopes)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


def _require_reach(token: ApiToken, request: Request) -> None:
    """The one place where a token's limits are held against what is asked: REST, FHIR and DICOMweb come by here."""
    reading = request.method in SAFE_METHODS
    if token.read_only and not reading:
        raise PermissionDenied("This token may only read.")
    lacking = missing(token.scopes, request.path_info, reading=reading)
    if lacking == EVERYTHING:
        raise PermissionDenied("This token is for some areas only, and this address is in none of them.")
    if lacking:
        raise PermissionDenied(f"This token lacks the scope {lacking}.")
