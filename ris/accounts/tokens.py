"""`Authorization: Token …`: a program for a person; hashed, expiring, scoped, read-only unless said otherwise."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from ris.accounts.models import ApiToken, User
from ris.accounts.scopes import EVERYTHING, missing, reads


class TokenAuthentication(BaseAuthentication):
    """Finds the token's owner; a read-only token may not write."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        token = token_of(request)
        if token is None:
            return None
        require_reach(token, request)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


def token_of(request: Request | HttpRequest) -> ApiToken | None:
    """The token that is sent, whatever it may be used for; AuthenticationFailed when it is none of ours, or over."""
    word, _, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if word.lower() != "token":
        return None
    token = ApiToken.objects.select_related("user").filter(digest=ApiToken.hash_of(key.strip())).first()
    if token is None or token.expires_at <= timezone.now() or not token.user.is_active:
        raise AuthenticationFailed("This token is unknown or has expired.")
    token.user.scopes = frozenset(token.scopes)
    return token


def require_reach(token: ApiToken, request: Request | HttpRequest) -> None:
    """The one place where a token's limits are held against what is asked: REST, FHIR and DICOMweb come by here."""
    reading = reads(request.method, request.path_info)
    if token.read_only and not reading:
        raise PermissionDenied("This token may only read.")
    lacking = missing(token.scopes, request.path_info, reading=reading)
    if lacking == EVERYTHING:
        raise PermissionDenied("This token is for some areas only, and this address is in none of them.")
    if lacking:
        raise PermissionDenied(f"This token lacks the scope {lacking}.")
