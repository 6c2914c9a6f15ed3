"""The name of a new passkey."""

from __future__ import annotations

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms


class AddPasskeyForm(AddWebAuthnForm):
    """The library's, without its question whether the key signs in alone: all of ours ask for finger, face or PIN."""

    name = forms.CharField(
        label="Name", max_length=60, help_text="By which you know it again, such as “Office computer” or “Blue key”."
    )
    passwordless = None
