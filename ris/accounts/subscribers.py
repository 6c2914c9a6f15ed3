"""Signals of the sign-in library, and refusals, written to the audit trail."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.signals import user_logged_in, user_logged_out
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.signals import user_logged_in as session_began
from django.contrib.auth.signals import user_login_failed
from django.db.models.signals import post_save
from django.http import HttpRequest

from ris import audit
from ris.accounts import idle
from ris.audit.recording import write_apart
from ris.core.actors import Actor, SystemActor
from ris.core.errors import DomainError

ADMIN_VERBS = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}


def actor_of(request: HttpRequest) -> Actor:
    """Whoever asks: the signed-in person, or nobody in particular."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return user  # type: ignore[return-value]
    return SystemActor("anonymous")


def audit_refusal(request: HttpRequest, error: DomainError) -> None:
    """A refusal is an event too; its own transaction was rolled back, so it gets another."""
    match = request.resolver_match
    view = match.view_name if match else ""
    about: dict[str, Any] = {"view": view, "method": request.method, "reason": error.code}
    key = next(iter(match.kwargs.values()), "") if match else ""
    write_apart("security.refused", ("url", str(key)), by=actor_of(request), outcome="refused", about=about)


def _signed_in(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    audit.record("session.opened", user, by=user)


def _session_began(sender: object, request: HttpRequest, **_: object) -> None:
    idle.begin(request)


def _signed_out(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    if user is not None and user.is_authenticated:
        audit.record("session.closed", user, by=user)


def _sign_in_failed(sender: object, credentials: dict[str, Any], **_: object) -> None:
    name = str(credentials.get("username", ""))[:64]
    audit.record("session.failed", ("accounts.user", name), by=SystemActor("anonymous"), outcome="failure")


def _factor_added(sender: object, user: Any, authenticator: Authenticator, **_: object) -> None:
    audit.record("session.factor-added", user, by=user, factor=str(authenticator.type))


def _factor_removed(sender: object, user: Any, authenticator: Authenticator, **_: object) -> None:
    """By its owner; what an administrator removes is told in ris.accounts.admin."""
    audit.record("session.factor-removed", user, by=user, factor=str(authenticator.type))


def _administered(sender: object, instance: LogEntry, **_: object) -> None:
    """What an administrator adds, changes or deletes: which fields, not what they hold."""
    kind = instance.content_type.model_class() if instance.content_type else None
    label = kind._meta.label_lower if kind else "unknown"
    parts = json.loads(instance.change_message) if instance.change_message.startswith("[") else []
    changed = [
        {"verb": verb, "what": about.get("name", ""), "fields": about.get("fields", [])}
        for part in parts
        for verb, about in part.items()
    ]
    action = f"admin.{ADMIN_VERBS[instance.action_flag]}"
    audit.record(action, (label, str(instance.object_id)), by=instance.user, changed=changed)


def listen() -> None:
    post_save.connect(_administered, sender=LogEntry, dispatch_uid="audit")
    session_began.connect(_session_began, dispatch_uid="idle")
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="audit")
    authenticator_added.connect(_factor_added, dispatch_uid="audit")
    authenticator_removed.connect(_factor_removed, dispatch_uid="audit")
