"""`Authorization: Token …`: a program acting for a person, hashed, expiring, read-only unless said otherwise."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from ris.accounts.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """Finds the token's owner; a read-only token may not write."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        word, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if word.lower() != "token":
            return None
        token = ApiToken.objects.select_related("user").filter(digest=ApiToken.hash_of(key.strip())).first()
        if token is None or token.expires_at <= timezone.now() or not token.user.is_active:
            raise AuthenticationFailed("This token is unknown or has expired.")
        if token.read_only and request.method not in SAFE_METHODS:
            raise PermissionDenied("This token may only read.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"
