"""Passkeys at the sign-in and on the pages of one's account: the library's forms, made to refuse what is unreadable."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError

from ris.accounts.passkeys import UNREADABLE


class AnswerField(forms.JSONField):
    """What a passkey answered. Anybody can send anything here: what is no answer is refused like a wrong one."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValidationError, *UNREADABLE):
            raise _refusal() from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """It is never shown again: each one answers one question."""
        return initial


class AddPasskeyForm(AddWebAuthnForm):
    """The library's, without its question whether the key signs in alone: all of ours ask for finger, face or PIN."""

    name = forms.CharField(
        label="Name", max_length=60, help_text="By which you know it again, such as “Office computer” or “Blue key”."
    )
    credential = AnswerField()
    passwordless = None

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except UNREADABLE:
            raise _refusal() from None
        return cleaned


class SecondFactorForm(AuthenticateWebAuthnForm):
    """A passkey after the password."""

    credential = AnswerField()

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()
        except UNREADABLE:
            raise _refusal() from None
        return found


class SignInForm(SecondFactorForm, LoginWebAuthnForm):
    """A passkey instead of the password."""


class AgainForm(SecondFactorForm, ReauthenticateWebAuthnForm):
    """A passkey to confirm that it is oneself."""


def _refusal() -> ValidationError:
    refusal: ValidationError = get_adapter().validation_error("incorrect_code")
    return refusal
